import type { OpenTarget, TargetRequest } from "./open_target.ts";
import type { Io } from "./terminal/mod.ts";

/**
 * Opens the workflow of `pd run TARGET …` before the flags are parsed, so that its hosts come up, in
 * processes of their own, while this one still loads the argument parser. The first node starts 15 ms
 * earlier by it. Only what needs no parsing is read here; whoever parses compares, and opens anew what
 * was guessed wrong. `undefined` when there is nothing to guess, or when it fails: then the ordinary way
 * reports it, after complaints about the flags.
 */
export async function headStart(args: readonly string[], io: Io): Promise<OpenTarget | undefined> {
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
const DECISIVE = /^(--secrets|--storage|--record|--help|-h)(=|$)/;

/** What the arguments ask for, when that is plain to see. */
export function guess(
  args: readonly string[],
  { env }: Pick<Io, "env">,
): TargetRequest | undefined {
  const [target] = args;
  if (target === undefined || target.startsWith("-") || args.some((arg) => DECISIVE.test(arg))) {
    return undefined;
  }
  if (["PD_SECRETS", "PD_RECORD", "PD_REPLAY"].some((name) => env(name) !== undefined)) {
    return undefined;
  }
  return {
    target,
    secretsPath: undefined,
    storage: env("PD_STORAGE"),
    record: false,
    replay: args.includes("--replay"),
  };
}
