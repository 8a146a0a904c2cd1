import type { CompiledDag } from "../compiler/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import { callRunner } from "./call_runner.ts";
import { Deadlines } from "./deadlines.ts";
import type { RunEventBody } from "./events.ts";
import { Execution, type StopReason } from "./execution.ts";
import type { ExecutionResult } from "./execution_result.ts";
import type { RunNode } from "./node_run.ts";
import type { NodeRunner } from "./node_runner.ts";
import { withEnd } from "./with_end.ts";
import { withFailFast } from "./with_fail_fast.ts";
import { withLost } from "./with_lost.ts";
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
  const { workflow, version, trigger } = ctx.run;
  await execution.record({ kind: "run.started", workflow, version, input, trigger });
  await schedule(graph, run);
  const { stopReason, fault } = execution;
  if (fault !== undefined) throw fault.error;
  if (stopReason !== undefined) {
    for (const { id } of run.skipped()) await execution.record({ kind: "node.skipped", node: id });
  }
  const result = run.result(ctx.clock.now());
  await execution.record(endEvent(stopReason, result.timing.durationMs));
  return result;
}

/** What happens to a node, from the inside out. */
function wrapRunner(runner: NodeRunner, execution: Execution, deadlines: Deadlines): RunNode {
  const attempt = withTimeout(withStop(callRunner(runner), execution.ctx.clock), deadlines);
  const node = withRetry(withLost(withStart(attempt, execution), execution), execution);
  return withFailFast(withEnd(node, execution), execution);
}

function endEvent(stopReason: StopReason | undefined, durationMs: number): RunEventBody {
  if (stopReason === undefined) return { kind: "run.succeeded", durationMs };
  return { kind: `run.${stopReason.status}`, durationMs, error: stopReason.error };
}
