import { systemClock } from "../../engine/clock/mod.ts";
import { CodedError } from "../../engine/errors/mod.ts";
import type { JsonObject, JsonValue } from "../../engine/json/mod.ts";
import type { Cli } from "../cli.ts";
import { RunFailure } from "../run_failure.ts";
import { type Inputs, mergeInput, readInput, readInputFlags, readPairs } from "../targets/mod.ts";
import { openProgress } from "../terminal/mod.ts";
import { UsageError } from "../usage_error.ts";
import { ApiClient } from "./api_client.ts";
import { followRun } from "./follow_run.ts";

/** What `pd run --server` was asked. */
export interface RunRemoteRequest {
  readonly server: string;
  readonly token: string | undefined;
  readonly name: string;
  /** Words after the name that are no flags of pd. */
  readonly words: readonly string[];
  /** The long flags of pd. */
  readonly flags: readonly string[];
  /** JSON, `@file` or `-`. */
  readonly input: string | undefined;
  readonly pairs: readonly string[];
  readonly timeoutMs: number | undefined;
}

/** A run as the API shows it, as far as it is looked at here. */
interface ShownRun {
  readonly version: string;
  readonly status: string;
  readonly outputs: { readonly [node: string]: JsonValue };
  readonly nodes: readonly {
    readonly id: string;
    readonly stage: number;
    readonly dependsOn: readonly string[];
    readonly isOnError: boolean;
    readonly problem: { readonly code: string; readonly message: string } | null;
  }[];
}

/** Runs a workflow of a server, shows the run on stderr, prints its output, and exits as it did. */
export async function runRemoteTarget(cli: Cli, request: RunRemoteRequest): Promise<void> {
  const { io, out } = cli;
  const { name, token, timeoutMs } = request;
  if (token === undefined || token === "") throw withoutToken(name);
  const interrupt = io.interrupt();
  const client = new ApiClient({ server: request.server, token, fetch });
  const input = await assembleInput(client, request, cli);
  const path = `/workflows/${encodeURIComponent(name)}/runs`;
  const { runId } = await client.call("POST", path, { input }) as { readonly runId: string };
  out.detail(`run ${runId} of ${client.server}`);
  const runPath = `/runs/${encodeURIComponent(runId)}`;
  const cancel = () =>
    void client.call("POST", `${runPath}/cancel`).catch((error) =>
      out.warn(`warning the run goes on: ${error.message}`)
    );
  // The server ends a run that is cancelled, and its last event ends this.
  interrupt.addEventListener("abort", cancel, { once: true });
  let isLate = false;
  const stopTimer = timeoutMs === undefined ? () => {} : systemClock.after(timeoutMs, () => {
    isLate = true;
    cancel();
  });
  const begun = await client.call("GET", runPath) as unknown as ShownRun;
  const progress = openProgress(
    `${name} ${begun.version}`,
    begun.nodes.filter(({ isOnError }) => !isOnError).map(({ id, stage }) => ({
      id,
      stage,
      maxAttempts: 1,
    })),
    { io, colors: out.errorColors, quiet: out.quiet, verbose: out.verbose, clock: systemClock },
  );
  const failure = new RunFailure();
  try {
    await followRun(client, runId, {
      clock: systemClock,
      signal: new AbortController().signal,
      onEvent(event) {
        progress.event(event);
        failure.event(event);
      },
    });
  } finally {
    stopTimer();
    interrupt.removeEventListener("abort", cancel);
    progress.end();
  }
  const ended = await client.call("GET", runPath) as unknown as ShownRun;
  const success = ended.status === "succeeded";
  if (success || out.format === "json") {
    out.result(formatOutput(outputOf(ended)), {
      runId,
      status: ended.status,
      success,
      outputs: ended.outputs,
      errors: errorsOf(ended),
    });
  } else if (isLate) out.error(timeout(name, timeoutMs ?? 0));
  else failure.print(out);
  if (success) return;
  out.note(`${client.server}/api/v1${runPath} shows it all`);
  cli.exitCode = interrupt.aborted ? 130 : failure.exitCode ?? 1;
}

async function assembleInput(
  client: ApiClient,
  { name, words, flags, input, pairs }: RunRemoteRequest,
  cli: Cli,
): Promise<JsonValue> {
  // What a flag means is known by the declared inputs, for which the server is asked when there is one.
  const inputs = words.length === 0 && pairs.length === 0 ? {} : await inputsOf(client, name);
  const given = readInputFlags(words, inputs, { name: "pd run", flags });
  const base = input === undefined
    ? undefined
    : await readInput(input, { stdin: cli.io.stdin, resolve: cli.resolve });
  return mergeInput(base, { ...readPairs(pairs, inputs), ...given });
}

async function inputsOf(client: ApiClient, name: string): Promise<Inputs> {
  const found = await client.call("GET", `/workflows/${encodeURIComponent(name)}`) as JsonObject;
  return (found["inputs"] ?? {}) as unknown as Inputs;
}

/** The output of the last node; of several last nodes, an object by node. */
function outputOf({ nodes, outputs }: ShownRun): JsonValue | undefined {
  const before = new Set(nodes.flatMap(({ dependsOn }) => dependsOn));
  const last = nodes.filter(({ id, isOnError }) => !isOnError && !before.has(id));
  const [only] = last;
  if (last.length === 1 && only !== undefined) return outputs[only.id];
  return Object.fromEntries(last.flatMap(({ id }) => {
    const output = outputs[id];
    return output === undefined ? [] : [[id, output]];
  }));
}

function errorsOf({ nodes }: ShownRun): { readonly [node: string]: string } {
  return Object.fromEntries(
    nodes.flatMap(({ id, problem }) =>
      problem === null ? [] : [[id, `${problem.code}: ${problem.message}`]]
    ),
  );
}

function formatOutput(output: JsonValue | undefined): string {
  if (output === undefined) return "";
  return typeof output === "string" ? output : JSON.stringify(output, null, 2);
}

function timeout(name: string, timeoutMs: number): CodedError {
  return new CodedError(
    "RUN_TIMEOUT",
    `Cannot finish "${name}" as asked: it took longer than ${timeoutMs / 1000} s`,
    { fix: `pd run --server … --timeout ${Math.ceil(timeoutMs / 500)}s ${name}` },
  );
}

function withoutToken(name: string): UsageError {
  return new UsageError(
    `Cannot run "${name}" of a server as every caller needs a token: there is none`,
    "PD_TOKEN=$(pd token create --ttl 1h) where the server's configuration is, or --token",
  );
}
