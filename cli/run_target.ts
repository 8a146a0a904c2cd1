import { systemClock } from "../engine/clock/mod.ts";
import type { CompiledDag } from "../engine/compiler/mod.ts";
import { CodedError } from "../engine/errors/mod.ts";
import type { ExecutionResult, RunEvent } from "../engine/executor/mod.ts";
import type { JsonValue } from "../engine/json/mod.ts";
import { didYouMean } from "../engine/words/mod.ts";
import { InputInvalidError, RunInterruptedError } from "../engine/workflow/mod.ts";
import type { Cli } from "./cli.ts";
import { openTarget } from "./open_target.ts";
import { isSameRequest, type TargetRequest } from "./target_request.ts";
import { RunFailure } from "./run_failure.ts";
import { hintAtRun } from "./run_hint.ts";
import { asCancel } from "./run_signal.ts";
import { type Inputs, mergeInput, readInput, readInputFlags, readPairs } from "./targets/mod.ts";
import { openProgress } from "./terminal/mod.ts";
import { WorkspaceLine } from "./workspace_line.ts";

/** What `pd run` was asked. */
export interface RunRequest extends TargetRequest {
  /** Words after the target that are no flags of pd. */
  readonly words: readonly string[];
  /** The long flags of pd. */
  readonly flags: readonly string[];
  readonly input: string | undefined;
  readonly pairs: readonly string[];
  readonly timeoutMs: number | undefined;
}

/** Runs a workflow once, shows it on stderr, prints its output. Sets the exit code. */
export async function runTarget(cli: Cli, request: RunRequest): Promise<void> {
  const { io, out, prepared } = cli;
  const { timeoutMs } = request;
  const interrupt = io.interrupt();
  const place = prepared?.found?.kind === "workflow" ? prepared.found.place : undefined;
  const early = prepared?.headStart;
  await using open = early !== undefined && isSameRequest(early.request, request)
    ? early
    : await openTarget(request, io, place);
  const { workflow, http } = open;
  open.onWarning((message) => out.note(message));
  const { spec, dag, diagnostics } = workflow.current;
  for (const { file, line, column, code, message } of diagnostics) {
    out.note(`${file}:${line}:${column} warning ${code} ${message}`);
  }
  const input = await untilAborted(assembleInput(request, spec.inputs, cli), interrupt);
  const progress = openProgress(
    `${spec.name} ${spec.version}`,
    dag.nodes.map(({ spec: { id, retry }, stage }) => ({
      id,
      stage,
      maxAttempts: retry.maxAttempts,
    })),
    { io, colors: out.errorColors, quiet: out.quiet, verbose: out.verbose, clock: systemClock },
  );
  const workspace = new WorkspaceLine(out, { ...io.stderr, isTerminal: false });
  open.onWorkspace((progress) => workspace.show(progress));
  const failure = new RunFailure();
  const unsubscribe = workflow.subscribe((event: RunEvent) => {
    progress.event(event);
    failure.event(event);
  });
  try {
    const run = await workflow.start(input, {
      signal: asCancel(interrupt),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
    const result = await run.result;
    progress.end();
    if (result.success || out.format === "json") {
      out.result(formatOutput(outputOf(dag, result)), result as unknown as JsonValue);
    }
    if (result.status === "interrupted") {
      // The storage took nothing more of the run, or another engine has it.
      throw new RunInterruptedError(result.runId, Object.values(result.errors)[0] ?? "it was left");
    }
    if (!result.success && out.format === "text") failure.print(out);
    if (!result.success) {
      const { storage } = workflow;
      hintAtRun(cli, { result, failure, storage, storageUrl: request.storage });
    }
    if (!result.success) cli.exitCode = interrupt.aborted ? 130 : failure.exitCode ?? 1;
    if (request.record && result.success) {
      out.note(`recorded ${await http.finish()} HTTP exchanges in ${open.dir}/testdata/http`);
    }
  } catch (error) {
    throw request.input === undefined ? asFlags(error, request.target) : error;
  } finally {
    unsubscribe();
    progress.end();
  }
}

/** The same problem with the input, its fix in flags as they were not given as JSON. */
function asFlags(error: unknown, target: string): unknown {
  if (!(error instanceof InputInvalidError)) return error;
  const flags = error.problems.map(({ fix }) => fix.match(/^(?:Add )?"([^"]+)": (.+)$/)).map((
    match,
  ) => match === null ? undefined : `--${match[1]}=${match[2]}`);
  if (flags.includes(undefined)) return error;
  const { code, message } = error;
  return new CodedError(code, message, {
    fix: `pd run ${target} ${flags.join(" ")}`,
    cause: error,
  });
}

/** The output of the last node; of several last nodes, an object by node. */
export function outputOf(dag: CompiledDag, result: ExecutionResult): JsonValue | undefined {
  const ids = dag.sinks.flatMap((index) => dag.nodes[index]?.id ?? []);
  const [only] = ids;
  if (ids.length === 1 && only !== undefined) return result.outputs[only];
  return Object.fromEntries(
    ids.flatMap((id) => {
      const output = result.outputs[id];
      return output === undefined ? [] : [[id, output]];
    }),
  );
}

/** What `promise` gives, or the reason of the signal: nobody waits for standard input after Ctrl-C. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

function formatOutput(output: JsonValue | undefined): string {
  if (output === undefined) return "";
  return typeof output === "string" ? output : JSON.stringify(output, null, 2);
}

async function assembleInput(request: RunRequest, inputs: Inputs, cli: Cli): Promise<JsonValue> {
  const flags = readInputFlags(request.words, inputs, { name: "pd run", flags: request.flags });
  const pairs = readPairs(request.pairs, inputs);
  if (request.input === "-" && cli.io.stdin.isTerminal) {
    cli.out.note("reading the input from this terminal: end it with Ctrl-D");
  }
  const base = request.input === undefined ? undefined : await readInput(request.input, {
    stdin: cli.io.stdin,
    resolve: cli.resolve,
  });
  const input = mergeInput(base, { ...pairs, ...flags });
  warnOfSlips(input, inputs, cli);
  return input;
}

/** More keys than the declared ones are allowed, so one that is nearly declared is worth a word only. */
function warnOfSlips(input: JsonValue, inputs: Inputs, { out }: Cli): void {
  if (typeof input !== "object" || input === null || Array.isArray(input)) return;
  const free = Object.keys(inputs).filter((name) => !Object.hasOwn(input, name));
  for (const key of Object.keys(input).slice(0, 100)) {
    if (Object.hasOwn(inputs, key)) continue;
    const near = didYouMean(key, free);
    if (near === undefined) continue;
    out.warn(`warning the workflow declares no input "${key}": did you mean "${near}"?`);
  }
}
