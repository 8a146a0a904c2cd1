import { compile, type CompiledDag, everyNode } from "../../engine/compiler/mod.ts";
import type { ErrorRecord, NodeStatus, RunEvent } from "../../engine/executor/mod.ts";
import type { JsonValue } from "../../engine/json/mod.ts";
import type { Storage, StoredRun } from "../../engine/storage/mod.ts";
import { shownValue } from "./shown_value.ts";

/** One attempt at a node. Times are epoch milliseconds. */
export interface AttemptReport {
  readonly attempt: number;
  status: "running" | "succeeded" | "failed" | "lost" | "cancelled";
  readonly startedAt: number;
  completedAt: number | undefined;
  error: ErrorRecord | undefined;
}

/** A step of a node that is done: a container of a pipeline. */
export interface TaskReport {
  readonly name: string;
  /** Exit code. */
  readonly code: number;
  readonly durationMs: number;
}

/** What became of a node. */
export interface NodeReport {
  readonly node: string;
  /** From 0 on. */
  readonly stage: number;
  readonly dependsOn: readonly string[];
  status: NodeStatus;
  startedAt: number | undefined;
  completedAt: number | undefined;
  durationMs: number | undefined;
  readonly attempts: AttemptReport[];
  /** Why it failed for good. */
  error: ErrorRecord | undefined;
  /** It failed, and the run went on without it. */
  isAllowed: boolean;
  /** Its output comes from the run that this one retries. */
  isTakenOver: boolean;
  /** Undefined while it is not known. */
  input: JsonValue | undefined;
  output: JsonValue | undefined;
  logLines: number;
  /** By id, the newest answer to each. */
  readonly tasks: Map<string, TaskReport>;
}

/** All that the events of a run tell, as it may be seen. */
export interface RunReport {
  readonly input: JsonValue;
  /** In the order in which they run. */
  readonly nodes: readonly NodeReport[];
  /** How often an engine took the run up again. */
  readonly resumed: number;
  /** Why the run did not succeed. */
  readonly error: ErrorRecord | undefined;
}

const PAGE = 1_000;

/** Reads the events of a run. A projection: it looks nowhere else. */
export async function readReport(run: StoredRun, storage: Storage): Promise<RunReport> {
  const { dag } = compile(run.spec);
  const reports = newReports(run, dag);
  const byId = new Map(reports.map((report) => [report.node, report]));
  let resumed = 0;
  let error: ErrorRecord | undefined;
  for (let seq = 0;;) {
    const events = await storage.readEvents(run.runId, seq, PAGE);
    for (const event of events) {
      seq = event.seq;
      if (event.kind === "run.resumed") resumed++;
      if (event.kind === "run.failed" || event.kind === "run.cancelled") error = event.error;
      if (!("node" in event)) continue;
      const report = byId.get(event.node);
      if (report !== undefined) apply(report, event);
    }
    if (events.length < PAGE) break;
  }
  const input = shownValue(run.input);
  const scripts = new Set(
    run.spec.nodes.flatMap(({ kind, id }) => kind === "script" ? [id] : []),
  );
  for (const report of reports) {
    report.input = scripts.has(report.node) && hasBegun(report)
      ? input
      : inputOf(report, byId, input);
  }
  // What follows a failed run is part of none that did not fail.
  const nodes = reports.filter(({ node, status }) =>
    node !== dag?.onError?.id || status !== "pending"
  );
  // A run that takes outputs over begins as if it had been taken up.
  const isRetry = nodes.some(({ isTakenOver }) => isTakenOver);
  return { input, nodes, resumed: isRetry ? resumed - 1 : resumed, error };
}

function newReports({ spec }: StoredRun, dag: CompiledDag | undefined): NodeReport[] {
  const nodes = dag === undefined
    // An older version may have allowed what this one does not.
    ? spec.nodes.map(({ id }) => ({ id, stage: 0, dependencies: [] }))
    : everyNode(dag);
  return nodes.map(({ id, stage, dependencies }) => ({
    node: id,
    stage,
    dependsOn: dependencies.flatMap((index) => dag?.nodes[index]?.id ?? []),
    status: "pending",
    startedAt: undefined,
    completedAt: undefined,
    durationMs: undefined,
    attempts: [],
    error: undefined,
    isAllowed: false,
    isTakenOver: false,
    input: undefined,
    output: undefined,
    logLines: 0,
    tasks: new Map(),
  }));
}

function apply(report: NodeReport, event: RunEvent & { readonly node: string }): void {
  switch (event.kind) {
    case "node.started":
      report.status = "running";
      report.startedAt ??= event.at;
      report.attempts.push({
        attempt: event.attempt,
        status: "running",
        startedAt: event.at,
        completedAt: undefined,
        error: undefined,
      });
      return;
    case "node.retrying":
      endAttempt(report, "failed", event);
      return;
    case "node.lost":
      endAttempt(report, "lost", event);
      return;
    case "node.succeeded":
      endAttempt(report, "succeeded", event);
      report.status = "succeeded";
      report.isTakenOver = event.attempt === 0;
      report.output = shownValue(event.output);
      return end(report, event);
    case "node.failed":
      endAttempt(report, "failed", event);
      report.status = "failed";
      report.error = event.error;
      report.isAllowed = event.allowed;
      return end(report, event);
    case "node.cancelled":
      endAttempt(report, "cancelled", event);
      report.status = "cancelled";
      return end(report, event);
    case "node.skipped":
      report.status = "skipped";
      return;
    case "task.completed":
      report.tasks.set(event.task, {
        name: event.name,
        code: event.code,
        durationMs: event.durationMs,
      });
      return;
    case "log":
      report.logLines++;
      return;
  }
}

function endAttempt(
  report: NodeReport,
  status: AttemptReport["status"],
  event: { readonly at: number; readonly error?: ErrorRecord },
): void {
  const attempt = report.attempts.at(-1);
  if (attempt === undefined || attempt.status !== "running") return;
  attempt.status = status;
  attempt.completedAt = event.at;
  attempt.error = event.error;
}

function end(
  report: NodeReport,
  { at, durationMs }: { readonly at: number; readonly durationMs: number },
): void {
  report.completedAt = at;
  report.durationMs = durationMs;
}

/** What a node was called with, once all that it depends on is done. */
function inputOf(
  report: NodeReport,
  byId: ReadonlyMap<string, NodeReport>,
  runInput: JsonValue,
): JsonValue | undefined {
  if (!hasBegun(report)) return undefined;
  const { dependsOn } = report;
  const [first] = dependsOn;
  if (first === undefined) return runInput;
  if (dependsOn.length === 1) return byId.get(first)?.output ?? null;
  return Object.fromEntries(dependsOn.map((id) => [id, byId.get(id)?.output ?? null]));
}

function hasBegun({ status }: NodeReport): boolean {
  return status !== "pending" && status !== "skipped";
}
