import type { RegisteredWorkflow } from "./registry.ts";

/** Workflows by the keys of their runs, those of earlier versions among them. */
export function keyedEntries(
  entries: readonly RegisteredWorkflow[],
): ReadonlyMap<string, RegisteredWorkflow> {
  const keyed = new Map<string, RegisteredWorkflow>();
  for (const entry of entries) {
    const { workflow: { workflowKey, workflowKeys } } = entry;
    for (const key of workflowKeys) if (!keyed.has(key)) keyed.set(key, entry);
    // Its own key is nobody's former one.
    keyed.set(workflowKey, entry);
  }
  return keyed;
}
