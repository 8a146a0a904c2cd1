import type { Clock } from "../clock/mod.ts";
import type { WorkflowRunner } from "../nodes/mod.ts";
import { within } from "./within.ts";

/** How long a run waits at its end for its containers to go: its `output` may be large. */
export const END_LIMIT_MS = 300_000;

/**
 * Removes what a run has left in containers, before anybody hears of its end. What goes wrong is a warning, as the
 * run itself is over; so is a wait that takes too long. Never rejects.
 */
export async function endRun(
  runId: string,
  { runner, clock, onWarning }: {
    readonly runner: WorkflowRunner;
    readonly clock: Clock;
    onWarning(message: string): void;
  },
): Promise<void> {
  try {
    if (await within(END_LIMIT_MS, runner.endRun(runId), clock)) return;
    onWarning(
      `the containers of run ${runId} were not gone ${END_LIMIT_MS / 1000} s after its end`,
    );
  } catch (error) {
    onWarning(`the containers of run ${runId} may be left: ${(error as Error).message}`);
  }
}
