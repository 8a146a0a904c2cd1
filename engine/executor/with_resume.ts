import type { ErrorRecord } from "./events.ts";
import type { Execution } from "./execution.ts";
import { CANCELLED, type RunNode } from "./node_run.ts";
import { afterLoss } from "./with_lost.ts";

const ENGINE_ENDED: ErrorRecord = {
  code: "NODE_LOST",
  message: "the engine ended while it ran",
};

/**
 * Takes a node up where an engine left it: an attempt that ran is lost, which may end the node as
 * `withLost` says; a wait before the next attempt begins again. A node whose input was not kept fails.
 */
export function withResume(run: RunNode, execution: Execution): RunNode {
  return async (nodeRun) => {
    const { node, resumed, missing, attempts: attempt } = nodeRun;
    if (missing !== undefined) {
      return { status: "failed", error: missing, retry: { kind: "never" } };
    }
    if (resumed === undefined) return await run(nodeRun);
    let { next, engineLosses } = resumed;
    if (next.kind === "running") {
      engineLosses++;
      const error = ENGINE_ENDED;
      await execution.record({ kind: "node.lost", node: node.id, attempt, error, engine: true });
      next = { kind: "lost", error, engine: true };
    }
    if (execution.isStopped) return CANCELLED;
    if (next.kind === "lost") {
      const { losses } = nodeRun;
      const ended = afterLoss(node, next.error, next.engine ? { engineLosses } : { losses });
      if (ended !== undefined) return ended;
    } else if (!await execution.pause(next.delayMs)) {
      return CANCELLED;
    }
    return await run(nodeRun);
  };
}
