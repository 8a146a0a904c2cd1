import type { RunStatus } from "../executor/mod.ts";

/** States in which a run waits, works, or waits to be taken up again. */
export const UNFINISHED: readonly RunStatus[] = ["queued", "running", "interrupted"];
/** States in which nothing follows. */
export const FINISHED: readonly RunStatus[] = ["succeeded", "failed", "cancelled"];

/** Whether nothing follows: a run that is over takes no event, has no owner, and may be deleted. */
export function isOver(status: RunStatus): boolean {
  return FINISHED.includes(status);
}
