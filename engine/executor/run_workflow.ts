import type { CompiledDag, CompiledNode } from "../compiler/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import { callRunner } from "./call_runner.ts";
import { Deadlines } from "./deadlines.ts";
import type { RunEventBody } from "./events.ts";
import { Execution, type StopReason } from "./execution.ts";
import type { ExecutionResult } from "./execution_result.ts";
import type { RunNode } from "./node_run.ts";
import type { NodeRunner } from "./node_runner.ts";
import type { ResumedNode, ResumedNodes } from "./resumed_nodes.ts";
import { withEnd } from "./with_end.ts";
import { withFailFast } from "./with_fail_fast.ts";
import { withLost } from "./with_lost.ts";
import { withResume } from "./with_resume.ts";
import { dependentsOf } from "./dependents_of.ts";
import { withRetry } from "./with_retry.ts";
import { withSkips } from "./with_skips.ts";
import { withStart } from "./with_start.ts";
import { withStop } from "./with_stop.ts";
import { withTimeout } from "./with_timeout.ts";
import type { ExecutionContext } from "./workflow_executor.ts";
import { RunningGraph } from "./running_graph.ts";

/** Starts nodes whose dependencies are done until all are, or the run stops. Resolves when none runs. */
export type Schedule = (graph: CompiledDag, run: RunningGraph) => Promise<void>;

/**
 * Runs a workflow from its first event to its last, its nodes in the order of `schedule`. When it
 * settles, no timer, listener or attempt of it is left.
 */
export async function runWorkflow(
  schedule: Schedule,
  graph: CompiledDag,
  runner: NodeRunner,
  ctx: ExecutionContext,
  input: JsonValue = {},
): Promise<ExecutionResult> {
  using execution = new Execution(graph, ctx);
  using deadlines = new Deadlines(ctx.clock);
  const run = new RunningGraph(execution, wrapRunner(runner, execution, deadlines), input);
  if (ctx.resume === undefined) {
    const { workflow, version, trigger } = ctx.run;
    // The first node's start follows, and waits.
    execution.note({ kind: "run.started", workflow, version, input, trigger });
  } else {
    await takeUp(ctx.resume, execution);
  }
  await schedule(graph, run);
  // What stops the run from here on stops what follows it.
  execution[Symbol.dispose]();
  const { stopReason, fault } = execution;
  if (fault !== undefined) throw fault.error;
  if (stopReason !== undefined) {
    for (const event of run.leftOver()) await execution.record(event);
    if (stopReason.status === "failed" && graph.onError !== undefined) {
      using after = new Execution(graph, ctx);
      const runNode = wrapRunner(runner, after, deadlines);
      await run.follow(graph.onError, { failure: stopReason, execution: after, runNode });
      if (after.fault !== undefined) throw after.fault.error;
    }
  }
  const result = run.result(ctx.clock.now());
  await execution.record(endEvent(stopReason, result.timing.durationMs));
  if (execution.fault !== undefined) throw execution.fault.error;
  return result;
}

/** What happens to a node, from the inside out. */
function wrapRunner(runner: NodeRunner, execution: Execution, deadlines: Deadlines): RunNode {
  const attempt = withTimeout(withStop(callRunner(runner), execution.ctx.clock), deadlines);
  const node = withRetry(withLost(withStart(attempt, execution), execution), execution);
  // A run that begins does without: 0.3 µs a node.
  const whole = execution.ctx.resume === undefined ? node : withResume(node, execution);
  const ended = withEnd(whole, execution);
  if (execution.graph.spec.config.failFast === false) return withSkips(ended, execution);
  return withFailFast(ended, execution);
}

/** Says that a run goes on, and stops it where it was ending already. */
async function takeUp({ nodes }: ResumedNodes, execution: Execution): Promise<void> {
  const begun = nodes.filter((node) => node !== undefined);
  const unfinished = begun.filter(({ status }) => status === "unfinished").length;
  const done = begun.length - unfinished;
  await execution.record({ kind: "run.resumed", done, unfinished });
  const { graph } = execution;
  const explained = new Set<number>();
  for (const [index, { error }] of failuresOf(graph, nodes)) {
    const node = graph.nodes[index] as CompiledNode;
    if (graph.spec.config.failFast !== false) {
      execution.fail(node.id, error);
      continue;
    }
    for (const dependent of dependentsOf(graph, node)) {
      explained.add(dependent);
      if (nodes[dependent]?.status === "skipped") execution.skip(dependent);
    }
    execution.failAtTheEnd(node, error);
  }
  // Nothing else stops a node than a failure, and a cancel of its run.
  const isCancelled = graph.nodes.some(({ index }) => {
    const status = nodes[index]?.status;
    return status === "cancelled" || status === "skipped" && !explained.has(index);
  });
  if (isCancelled) execution.cancel(undefined);
}

type FailedNode = Extract<ResumedNode, { readonly status: "failed" }>;

/** The nodes that failed for good, the first failure first. */
function failuresOf(
  graph: CompiledDag,
  nodes: ResumedNodes["nodes"],
): readonly (readonly [number, FailedNode])[] {
  return graph.nodes.flatMap(({ index }) => {
    const node = nodes[index];
    return node?.status === "failed" && !node.allowed ? [[index, node] as const] : [];
  }).sort(([, a], [, b]) => a.completedAt - b.completedAt);
}

function endEvent(stopReason: StopReason | undefined, durationMs: number): RunEventBody {
  if (stopReason === undefined) return { kind: "run.succeeded", durationMs };
  return { kind: `run.${stopReason.status}`, durationMs, error: stopReason.error };
}
