import { resolve } from "node:path";
import { CodedError, PdError } from "../../engine/errors/mod.ts";
import { guess } from "../head_start.ts";
import { type OpenTarget, openTarget, type TargetPlace } from "../open_target.ts";
import type { FoundTarget, Prepared } from "../prepared.ts";
import { plainRequest, readSecretsFlag, type TargetRequest } from "../target_request.ts";
import { searchTarget } from "../targets/mod.ts";
import type { Io } from "../terminal/mod.ts";
import { findPipeline } from "./find_pipeline.ts";
import { loadAhead } from "./load_ahead.ts";
import { RUN_FLAGS } from "./run_flags.ts";
import { readFlagWords, splitAtTarget, splitPipelineWords } from "./split_words.ts";

/**
 * Finds what the words of `pd run` name when it is no path, and opens it. A pipeline's own words are taken out:
 * whatever follows its name and pd's few flags there. Never throws.
 */
export async function preparePipeline(args: readonly string[], io: Io): Promise<Prepared> {
  const { before, target, after } = splitAtTarget(args, RUN_FLAGS);
  const given = readFlagWords(before, RUN_FLAGS);
  const isLeft = target === undefined || given === undefined || io.env("PD_SERVER") !== undefined ||
    ["-h", "--help", "--deployed", "--server"].some((flag) => given.has(flag));
  if (isLeft || (await searchTarget(target, io.cwd)).found !== undefined) {
    return prepared({ words: args });
  }
  const pipeline = splitPipelineWords(after);
  const own = readFlagWords([...before, ...pipeline.flags], RUN_FLAGS);
  const storage = own?.get("--storage")?.at(-1) ?? io.env("PD_STORAGE");
  const opened = new AsyncDisposableStack();
  try {
    const { kind, place, warnings } = await findPipeline(target, {
      cwd: io.cwd,
      env: io.env,
      storage,
      workflowStorage: flagIn(after, "--storage"),
      opened,
    });
    if (kind === "workflow") {
      const request = before.length === 0 ? guess(args, io) : undefined;
      const headStart = await opening(request, { io, place, opened });
      return prepared({ words: args, found: { kind, place, warnings }, headStart, opened });
    }
    const request = own === undefined ? undefined : requestOf(target, own, io);
    const headStart = await opening(request, { io, place, opened });
    // While its host comes up.
    void loadAhead(request?.driver ?? place.driver);
    return prepared({
      words: [...before, target, ...pipeline.flags],
      found: { kind, place, warnings, args: pipeline.args },
      headStart,
      opened,
    });
  } catch (error) {
    return prepared({ words: args, found: { kind: "missing", error: asPdError(error) }, opened });
  }
}

function prepared(
  { words, found, headStart, opened }: {
    readonly words: readonly string[];
    readonly found?: FoundTarget;
    readonly headStart?: OpenTarget | undefined;
    readonly opened?: AsyncDisposableStack;
  },
): Prepared {
  return {
    words,
    found,
    headStart,
    [Symbol.asyncDispose]: async () => await opened?.disposeAsync(),
  };
}

async function opening(
  request: TargetRequest | undefined,
  { io, place, opened }: {
    readonly io: Io;
    readonly place: TargetPlace;
    readonly opened: AsyncDisposableStack;
  },
): Promise<OpenTarget | undefined> {
  if (request === undefined) return undefined;
  try {
    return opened.use(await openTarget(request, io, place));
  } catch {
    // The ordinary way reports it, after complaints about the flags.
    return undefined;
  }
}

/** Variables behind flags that may be repeated: there both count, which is left to the parser. */
const REPEATABLE: readonly string[] = ["PD_SECRET", "PD_GLOBAL_SECRET", "PD_INCLUDE", "PD_IGNORE"];

/** What the flags ask for, when that is plain to see. */
function requestOf(
  target: string,
  own: ReadonlyMap<string, readonly string[]>,
  { env, cwd }: Io,
): TargetRequest | undefined {
  if ([...REPEATABLE, "PD_NO_WORKDIR"].some((name) => env(name) !== undefined)) return undefined;
  if (Object.keys(RUN_FLAGS).some((flag) => own.has(flag) && NO_PIPELINE_FLAG.includes(flag))) {
    return undefined;
  }
  const last = (flag: string, variable: string) => own.get(flag)?.at(-1) ?? env(variable);
  const outputDir = last("--output-dir", "PD_OUTPUT_DIR");
  return {
    ...plainRequest(target),
    ...readSecretsFlag(last("--secrets", "PD_SECRETS"), (path) => resolve(cwd, path)),
    // In the order of the command line as long as only one of both names is used.
    secrets: [...own.get("--secret") ?? [], ...own.get("-e") ?? []],
    globalSecrets: own.get("--global-secret") ?? [],
    storage: last("--storage", "PD_STORAGE"),
    driver: last("--driver", "PD_DRIVER"),
    workdir: !own.has("--no-workdir"),
    include: own.get("--include") ?? [],
    ignore: own.get("--ignore") ?? [],
    outputDir: outputDir === undefined ? undefined : resolve(cwd, outputDir),
  };
}

/** Flags that a pipeline has no use for: complained about by the ordinary way. */
const NO_PIPELINE_FLAG: readonly string[] = ["--input", "--set", "-i", "--replay", "--record"];

/** The last value of a flag that may stand anywhere. */
function flagIn(words: readonly string[], flag: string): string | undefined {
  const end = words.indexOf("--");
  const read = end < 0 ? words : words.slice(0, end);
  const at = read.findLastIndex((word) => word === flag || word.startsWith(`${flag}=`));
  const word = read[at];
  return word === flag ? read[at + 1] : word?.slice(flag.length + 1);
}

function asPdError(error: unknown): PdError {
  if (error instanceof PdError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new CodedError("INTERNAL", `Cannot find the target as pd itself failed: ${message}`, {
    cause: error,
  });
}
