import type { Clock } from "../clock/mod.ts";
import { type CompiledDag, everyNode } from "../compiler/mod.ts";
import type { HttpMode, Redactor, Secrets } from "../context/mod.ts";
import { CodedError } from "../errors/mod.ts";
import { type ErrorRecord, type LogLine, memoryTasks, type NodeOutcome } from "../executor/mod.ts";
import type { JsonObject, JsonValue } from "../json/mod.ts";
import type { WorkflowRunner } from "../nodes/mod.ts";
import type { WorkflowSpec } from "../spec/mod.ts";

/** What one node is called with when it runs alone. */
export interface RunNodeOptions {
  readonly input: JsonValue;
  /** In place of `ctx.config`. */
  readonly config?: JsonObject;
  /** In place of `ctx.secrets`. */
  readonly secrets?: Secrets;
  /** In place of the workflow's own mode. */
  readonly http?: HttpMode;
  /** Aborting it cancels the attempt. */
  readonly signal?: AbortSignal;
}

/** How one attempt at one node went. A timeout is a failure with `NODE_TIMEOUT`. */
export interface NodeReport {
  readonly outcome: NodeOutcome;
  readonly durationMs: number;
  readonly logs: readonly LogLine[];
}

/** What `runNodeOnce` works with. */
export interface NodeReportDeps {
  readonly spec: WorkflowSpec;
  readonly dag: CompiledDag;
  readonly runner: WorkflowRunner;
  readonly redactor: Redactor;
  readonly clock: Clock;
  readonly runId: string;
}

/** Calls one node once, under its own timeout. */
export async function runNodeOnce(
  id: string,
  options: RunNodeOptions,
  deps: NodeReportDeps,
): Promise<NodeReport> {
  const { spec, dag, runner, redactor, clock } = deps;
  const node = everyNode(dag).find((candidate) => candidate.id === id);
  if (node === undefined) throw unknownNode(id, dag);
  const logs: LogLine[] = [];
  const abort = new AbortController();
  const timeoutMs = node.spec.timeoutMs;
  let timedOut = false;
  let stopTimer: (() => void) | undefined;
  let begunAt = clock.now();
  const signal = options.signal === undefined
    ? abort.signal
    : AbortSignal.any([abort.signal, options.signal]);
  const outcome = await runner.runWith({
    node,
    attempt: 1,
    input: options.input,
    run: {
      id: deps.runId,
      workflow: spec.name,
      version: spec.version,
      trigger: { type: "test" },
    },
    signal,
    exclusive: false,
    tasks: memoryTasks(),
    onBegin() {
      if (stopTimer !== undefined) return;
      begunAt = clock.now();
      stopTimer = clock.after(timeoutMs, () => {
        timedOut = true;
        abort.abort();
      });
    },
    onLog: (line) => logs.push(redactor.line(line)),
  }, {
    ...options.config === undefined ? {} : { config: options.config },
    ...options.secrets === undefined ? {} : { secrets: options.secrets },
    ...options.http === undefined ? {} : { http: options.http },
  });
  stopTimer?.();
  return {
    outcome: timedOut && outcome.status === "cancelled"
      ? { status: "failed", error: timeoutError(id, timeoutMs), retry: { kind: "policy" } }
      : shown(outcome, redactor),
    durationMs: clock.now() - begunAt,
    logs,
  };
}

function shown(outcome: NodeOutcome, redactor: Redactor): NodeOutcome {
  switch (outcome.status) {
    case "succeeded":
      return { ...outcome, output: redactor.value(outcome.output) };
    case "failed":
    case "lost":
      return { ...outcome, error: redactor.error(outcome.error) };
    case "cancelled":
      return outcome;
  }
}

function timeoutError(node: string, timeoutMs: number): ErrorRecord {
  return {
    code: "NODE_TIMEOUT",
    message: `Cannot finish node "${node}" as timed: it took longer than ${timeoutMs} ms`,
    fix: `Raise "timeout" of node "${node}" in workflow.yaml`,
  };
}

function unknownNode(id: string, dag: CompiledDag): CodedError {
  return new CodedError(
    "TARGET_NOT_FOUND",
    `Cannot run node "${id}" as part of "${dag.spec.name}": there is no such node`,
    { fix: `Use one of: ${dag.nodes.slice(0, 20).map((node) => node.id).join(", ")}` },
  );
}
