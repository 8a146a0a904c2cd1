import { resolve } from "node:path";
import type { OpenTarget } from "./open_target.ts";
import type { Prepared } from "./prepared.ts";
import { plainRequest, type TargetRequest } from "./target_request.ts";
import type { Io } from "./terminal/mod.ts";

/**
 * Looks at the words of `pd run` before its flags are parsed, for two things. A stored pipeline takes what
 * follows its name verbatim, so those words are taken away here. And a workflow is opened at once, so that its
 * hosts come up, in processes of their own, while this one still loads the argument parser: the first node
 * starts 15 ms earlier by it.
 *
 * Never throws: what goes wrong is reported by the ordinary way, after complaints about the flags.
 */
export async function prepareRun(args: readonly string[], io: Io): Promise<Prepared> {
  if (await isPath(args[0], io.cwd)) {
    const early = await headStart(args, io);
    return {
      words: args,
      found: undefined,
      headStart: early,
      [Symbol.asyncDispose]: async () => await early?.[Symbol.asyncDispose](),
    };
  }
  // Computed, as most runs are those of a folder.
  const { preparePipeline }: typeof import("./pipelines/mod.ts") = await import(
    new URL("./pipelines/mod.ts", import.meta.url).href
  );
  return await preparePipeline(args, io);
}

/** Is the target plainly a path? A bare word is one when something with that name lies here. */
async function isPath(word: string | undefined, cwd: string): Promise<boolean> {
  if (word === undefined || word.startsWith("-")) return false;
  if (/\.[cm]?[jt]s$/.test(word)) return false;
  if (/^\.{1,2}$|\//.test(word)) return true;
  for (const file of [`${word}/workflow.yaml`, `${word}/workflow.yml`]) {
    if (await Deno.stat(resolve(cwd, file)).then(() => true, () => false)) return true;
  }
  return /\.ya?ml$/.test(word);
}

/** `undefined` when there is nothing to guess, or when it fails. */
async function headStart(args: readonly string[], io: Io): Promise<OpenTarget | undefined> {
  const request = guess(args, io);
  if (request === undefined) return undefined;
  try {
    const { openTarget } = await import("./open_target.ts");
    return await openTarget(request, io);
  } catch {
    return undefined;
  }
}

/** Flags that decide how a workflow is opened, or whether at all. */
const DECISIVE =
  /^(-h|-e.*|--(help|secrets|secret|global-secret|storage|record|driver|no-workdir|include|ignore|output-dir|deployed|server)(=.*)?)$/;
const DECISIVE_VARIABLES: readonly string[] = [
  "PD_SECRETS",
  "PD_SECRET",
  "PD_GLOBAL_SECRET",
  "PD_RECORD",
  "PD_REPLAY",
  "PD_NO_WORKDIR",
  "PD_INCLUDE",
  "PD_IGNORE",
  "PD_OUTPUT_DIR",
  "PD_DEPLOYED",
  "PD_SERVER",
];

/** What the arguments ask for, when that is plain to see. */
export function guess(
  args: readonly string[],
  { env }: Pick<Io, "env">,
): TargetRequest | undefined {
  const [target] = args;
  if (target === undefined || target.startsWith("-") || args.some((arg) => DECISIVE.test(arg))) {
    return undefined;
  }
  if (DECISIVE_VARIABLES.some((name) => env(name) !== undefined)) return undefined;
  return {
    ...plainRequest(target),
    driver: env("PD_DRIVER"),
    storage: env("PD_STORAGE"),
    replay: args.includes("--replay"),
  };
}
