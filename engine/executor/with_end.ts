import type { Execution } from "./execution.ts";
import { failedForGood } from "./error_record.ts";
import type { RunEventBody } from "./events.ts";
import type { NodeRun, RunNode } from "./node_run.ts";
import type { NodeOutcome } from "./node_runner.ts";

/**
 * Says how a node ended. Nothing waits for it to be recorded, as whatever depends on it has an event of
 * its own to wait for, which comes behind: a dependent's start, or the end of the run. On a storage that
 * halves what a run waits.
 */
export function withEnd(run: RunNode, execution: Execution): RunNode {
  return async (nodeRun) => {
    const outcome = settled(await run(nodeRun), nodeRun, execution);
    const durationMs = execution.ctx.clock.now() - nodeRun.startedAt;
    execution.note(endEvent(nodeRun, outcome, durationMs));
    return outcome;
  };
}

/** Faults of the engine and of the workflow itself, which `allow_failure` does not forgive. */
const UNFORGIVEN: ReadonlySet<string> = new Set(["INTERNAL", "TEMPLATE_INVALID"]);

/** Whether the run goes on after `outcome` as if it were a success. */
export function isAllowed({ node }: NodeRun, outcome: NodeOutcome): boolean {
  return outcome.status === "failed" && node.spec.allowFailure &&
    !UNFORGIVEN.has(outcome.error.code);
}

/** A node that was cancelled while nothing stopped the run was stopped from outside: it failed. */
function settled(outcome: NodeOutcome, { node }: NodeRun, execution: Execution): NodeOutcome {
  if (outcome.status !== "cancelled" || execution.isStopped) return outcome;
  return failedForGood(
    "NODE_CANCELLED",
    `Cannot finish node "${node.id}" as its host was shut down: it was stopped`,
    "Start the run again if that was not intended",
  );
}

function endEvent(nodeRun: NodeRun, outcome: NodeOutcome, durationMs: number): RunEventBody {
  const { node: { id: node }, attempts: attempt } = nodeRun;
  switch (outcome.status) {
    case "succeeded":
      return { kind: "node.succeeded", node, attempt, durationMs, output: outcome.output ?? null };
    case "failed": {
      const allowed = isAllowed(nodeRun, outcome);
      return { kind: "node.failed", node, attempt, durationMs, error: outcome.error, allowed };
    }
    case "cancelled":
      return { kind: "node.cancelled", node, attempt, durationMs };
    case "lost":
      throw new TypeError(`Lost attempt of node "${node}" reached its end`);
  }
}
