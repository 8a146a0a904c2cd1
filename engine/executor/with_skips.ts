import type { Execution } from "./execution.ts";
import type { RunNode } from "./node_run.ts";
import { isAllowed } from "./with_end.ts";

/** Skips what depends on a node that failed for good, and lets the rest of the run go on: `fail_fast: false`. */
export function withSkips(run: RunNode, execution: Execution): RunNode {
  return async (nodeRun) => {
    const outcome = await run(nodeRun);
    if (outcome.status === "failed" && !isAllowed(nodeRun, outcome)) {
      execution.failAtTheEnd(nodeRun.node, outcome.error);
    }
    return outcome;
  };
}
