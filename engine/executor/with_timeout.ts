import { CodedError } from "../errors/mod.ts";
import { formatDuration } from "../spec/mod.ts";
import type { Attempt, RunAttempt } from "./attempt.ts";
import type { Deadlines, Expiring } from "./deadlines.ts";
import { recordOf } from "./error_record.ts";

/**
 * Stops an attempt that takes longer than its node's timeout, counted from when the node's code
 * begins, not from the wait for a free host. Its outcome is then `NODE_TIMEOUT`, whatever it says.
 */
export function withTimeout(run: RunAttempt, deadlines: Deadlines): RunAttempt {
  return async (attempt) => {
    const timeout = new Timeout(attempt);
    attempt.onBegin = () => deadlines.set(attempt.call.node.spec.timeoutMs, timeout);
    const outcome = await run(attempt);
    if (timeout.error === undefined) return outcome;
    return { status: "failed", error: recordOf(timeout.error), retry: { kind: "policy" } };
  };
}

class Timeout implements Expiring {
  readonly #attempt: Attempt;
  error: CodedError | undefined;

  constructor(attempt: Attempt) {
    this.#attempt = attempt;
  }

  get isOver(): boolean {
    return this.#attempt.isOver || this.#attempt.isStopped;
  }

  expire(): void {
    const { id, timeoutMs } = this.#attempt.call.node.spec;
    this.error = new CodedError(
      "NODE_TIMEOUT",
      `Cannot finish node "${id}" as its timeout is ${formatDuration(timeoutMs)}: it was stopped`,
      {
        fix: `Set nodes.${id}.timeout in workflow.yaml to more than that, or make the node faster`,
      },
    );
    this.#attempt.stop(this.error);
  }
}
