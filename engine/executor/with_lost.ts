import type { CompiledNode } from "../compiler/mod.ts";
import { failedForGood } from "./error_record.ts";
import type { ErrorRecord } from "./events.ts";
import type { Execution } from "./execution.ts";
import { CANCELLED, type RunNode } from "./node_run.ts";
import type { NodeOutcome } from "./node_runner.ts";

/** Attempts of one node that may be lost with their host before it fails. */
const MAX_LOSSES = 3;
/** The same with the engine, which has more reasons to end: a node that takes it down must not do so for ever. */
const MAX_ENGINE_LOSSES = 10;

/**
 * Makes up for attempts that were lost through no fault of their node: a new one follows at once, in
 * a host of its own, and costs no retry. A node with `on_lost: fail`, or one that loses a host again
 * and again, fails with `NODE_LOST` instead.
 */
export function withLost(run: RunNode, execution: Execution): RunNode {
  return async (nodeRun) => {
    for (;;) {
      const outcome = await run(nodeRun);
      if (outcome.status !== "lost") return outcome;
      const losses = ++nodeRun.losses;
      const { node, attempts: attempt } = nodeRun;
      await execution.record({ kind: "node.lost", node: node.id, attempt, error: outcome.error });
      if (execution.isStopped) return CANCELLED;
      const ended = afterLoss(node, outcome.error, { losses });
      if (ended !== undefined) return ended;
    }
  };
}

/** How a node ends that has lost an attempt; `undefined` when it may have another. */
export function afterLoss(
  node: CompiledNode,
  error: ErrorRecord,
  { losses = 0, engineLosses = 0 }: { readonly losses?: number; readonly engineLosses?: number },
): NodeOutcome | undefined {
  if (node.spec.onLost === "fail") return failOnLost(node, error);
  const lost = Math.max(losses, engineLosses);
  return losses >= MAX_LOSSES || engineLosses >= MAX_ENGINE_LOSSES
    ? tooOften(node, error, lost)
    : undefined;
}

function failOnLost({ id }: CompiledNode, { message }: ErrorRecord): NodeOutcome {
  return failedForGood(
    "NODE_LOST",
    `Cannot run node "${id}" again as its on_lost is "fail": ${message}`,
    `Set nodes.${id}.on_lost to retry in workflow.yaml if it may happen twice`,
  );
}

function tooOften({ id }: CompiledNode, { message }: ErrorRecord, lost: number): NodeOutcome {
  return failedForGood(
    "NODE_LOST",
    `Cannot finish node "${id}" as ${lost} of its attempts were lost: ${message}`,
    `Look at what ends its host: nodes.${id}.memory in workflow.yaml, and the machine's free memory`,
  );
}
