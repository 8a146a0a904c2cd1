import type { Clock } from "../clock/mod.ts";
import { PdError } from "../errors/mod.ts";
import { cancelled, timedOut } from "./run_errors.ts";
import type { WorkflowRun } from "./workflow_run.ts";

/** What may end a run from outside. */
export interface RunLimits {
  /** Its caller's; aborting it cancels the run. */
  readonly signal?: AbortSignal | undefined;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** When the run is to be ended wherever it stands. Epoch milliseconds. */
  readonly deadlineAt: number | undefined;
}

/** Applies a run's deadline and its caller's signal for as long as it is not over. */
export function limitRun(run: WorkflowRun, limits: RunLimits, clock: Clock): void {
  const { signal, createdAt, deadlineAt } = limits;
  if (signal === undefined && deadlineAt === undefined) return;
  const stopTimer = deadlineAt === undefined ? undefined : clock.after(
    Math.max(0, deadlineAt - clock.now()),
    () => run.stop(timedOut(run.id, deadlineAt - createdAt)),
  );
  function onAbort(): void {
    const reason = signal?.reason;
    run.stop(reason instanceof PdError ? reason : cancelled(run.id, "its caller gave it up"));
  }
  // A run says that it has started before it says that it was cancelled.
  if (signal?.aborted) queueMicrotask(onAbort);
  else signal?.addEventListener("abort", onAbort, { once: true });
  run.result.then(() => {
    stopTimer?.();
    signal?.removeEventListener("abort", onAbort);
  });
}
