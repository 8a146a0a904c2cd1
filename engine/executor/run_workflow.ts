import type { CompiledDag, CompiledNode } from "../compiler/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import { callRunner } from "./call_runner.ts";
import { Deadlines } from "./deadlines.ts";
import type { RunEventBody } from "./events.ts";
import { Execution, type StopReason } from "./execution.ts";
import type { ExecutionResult } from "./execution_result.ts";
import type { RunNode } from "./node_run.ts";
import type { NodeRunner } from "./node_runner.ts";
import type { ResumedNodes } from "./resumed_nodes.ts";
import { withEnd } from "./with_end.ts";
import { withFailFast } from "./with_fail_fast.ts";
import { withLost } from "./with_lost.ts";
import { withResume } from "./with_resume.ts";
import { withRetry } from "./with_retry.ts";
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
  const { stopReason, fault } = execution;
  if (fault !== undefined) throw fault.error;
  if (stopReason !== undefined) {
    for (const event of run.leftOver(ctx.clock.now())) await execution.record(event);
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
  return withFailFast(withEnd(whole, execution), execution);
}

/** Says that a run goes on, and stops it where it was ending already. */
async function takeUp({ nodes }: ResumedNodes, execution: Execution): Promise<void> {
  const begun = nodes.filter((node) => node !== undefined);
  const unfinished = begun.filter(({ status }) => status === "unfinished").length;
  const done = begun.length - unfinished;
  await execution.record({ kind: "run.resumed", done, unfinished });
  for (const [index, node] of nodes.entries()) {
    if (node?.status !== "failed" || node.allowed) continue;
    execution.fail((execution.graph.nodes[index] as CompiledNode).id, node.error);
  }
  // Nothing else stops a node than a failure, and a cancel of its run.
  if (begun.some(({ status }) => status === "cancelled" || status === "skipped")) {
    execution.cancel(undefined);
  }
}

function endEvent(stopReason: StopReason | undefined, durationMs: number): RunEventBody {
  if (stopReason === undefined) return { kind: "run.succeeded", durationMs };
  return { kind: `run.${stopReason.status}`, durationMs, error: stopReason.error };
}
