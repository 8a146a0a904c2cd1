import type { Clock } from "../clock/mod.ts";
import { PdError } from "../errors/mod.ts";
import type { StartOptions } from "./run.ts";
import { cancelled, timedOut } from "./run_errors.ts";
import type { WorkflowRun } from "./workflow_run.ts";

/** Applies a run's timeout and its caller's signal for as long as it is not over. */
export function limitRun(
  run: WorkflowRun,
  { signal, timeoutMs }: Pick<StartOptions, "signal" | "timeoutMs">,
  clock: Clock,
): void {
  if (signal === undefined && timeoutMs === undefined) return;
  const stopTimer = timeoutMs === undefined
    ? undefined
    : clock.after(timeoutMs, () => run.stop(timedOut(run.id, timeoutMs)));
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
