import type { RunAttempt } from "./attempt.ts";
import type { NodeOutcome, NodeRunner } from "./node_runner.ts";

/** Hands attempts to the runner. One that throws is an engine fault: its node fails with `INTERNAL`. */
export function callRunner(runner: NodeRunner): RunAttempt {
  return async ({ call }) => {
    try {
      const outcome = await runner.run(call);
      if (isOutcome(outcome)) return outcome;
      return broken(call.node.id, new TypeError("The runner gave no outcome"));
    } catch (error) {
      return broken(call.node.id, error);
    }
  };
}

function isOutcome(outcome: NodeOutcome | undefined): outcome is NodeOutcome {
  switch (outcome?.status) {
    case "succeeded":
    case "failed":
    case "cancelled":
    case "lost":
      return true;
    default:
      return false;
  }
}

function broken(node: string, error: unknown): NodeOutcome {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return {
    status: "failed",
    error: {
      code: "INTERNAL",
      message: `Cannot run node "${node}" as the engine broke: ${message}`,
      fix: `Run it again; if it breaks again, report the stack`,
      ...(stack === undefined ? {} : { stack }),
    },
    retry: { kind: "never" },
  };
}
