import type { Execution } from "./execution.ts";
import type { RunNode } from "./node_run.ts";
import { isAllowed } from "./with_end.ts";

/** Stops the run when a node fails for good, unless the node has `allow_failure`. */
export function withFailFast(run: RunNode, execution: Execution): RunNode {
  return async (nodeRun) => {
    const outcome = await run(nodeRun);
    if (outcome.status === "failed" && !isAllowed(nodeRun, outcome)) {
      execution.fail(nodeRun.node.id, outcome.error);
    }
    return outcome;
  };
}
