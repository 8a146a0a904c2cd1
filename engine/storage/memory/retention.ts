import { isOver } from "../is_over.ts";
import type { Retention } from "../records.ts";
import type { Entry } from "./entry.ts";
import type { Runs } from "./runs.ts";

/** Deletes one run that is over. */
export function deleteRun(runs: Runs, runId: string): boolean {
  const entry = runs.get(runId);
  if (entry === undefined || !isOver(entry.run.status)) return false;
  runs.delete(entry);
  return true;
}

/** Deletes what the retention names; answers how many runs. */
export function applyRetention(
  runs: Runs,
  { workflowKey, completedBefore, maxCount }: Retention,
): number {
  const over = runs.over()
    .filter(({ run }) => workflowKey === undefined || run.workflowKey === workflowKey)
    .sort((a, b) => endOf(b) - endOf(a));
  const gone = over.filter((entry, index) =>
    (completedBefore !== undefined && endOf(entry) < completedBefore) ||
    (maxCount !== undefined && index >= maxCount)
  );
  for (const entry of gone) runs.delete(entry);
  return gone.length;
}

function endOf({ run }: Entry): number {
  return run.completedAt ?? 0;
}
