import type { Execution } from "./execution.ts";
import { CANCELLED, type RunNode } from "./node_run.ts";
import { retryDelayMs } from "./retry_delay.ts";

/** Runs a node again after a failure that may be retried, waiting longer each time. */
export function withRetry(run: RunNode, execution: Execution): RunNode {
  const random = () => execution.ctx.random();
  return async (nodeRun) => {
    const { id, spec } = nodeRun.node;
    for (let failures = 1 + (nodeRun.resumed?.failures ?? 0);; failures++) {
      const outcome = await run(nodeRun);
      if (outcome.status !== "failed" || outcome.retry.kind === "never") return outcome;
      if (failures >= spec.retry.maxAttempts || execution.isStopped) return outcome;
      const delayMs = retryDelayMs(spec.retry, failures, outcome.retry, random);
      const { error } = outcome;
      const attempt = nodeRun.attempts;
      await execution.record({ kind: "node.retrying", node: id, attempt, delayMs, error });
      if (!await execution.pause(delayMs)) return CANCELLED;
    }
  };
}
