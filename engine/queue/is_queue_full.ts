import type { QueueConfig } from "../spec/mod.ts";

/** Whether a run that has to wait finds neither a place nor one to replace. `waiting` counts delayed runs too. */
export function isQueueFull(
  { strategy, limit, interrupt, concurrency = Infinity }: QueueConfig,
  { running, waiting }: { readonly running: number; readonly waiting: number },
): boolean {
  if (strategy === "partitioned_replace" || limit === undefined) return false;
  // No queue at all: what waits for its delay only is still welcome where a place is free for it.
  if (limit === 0 && running + waiting < concurrency) return false;
  if (strategy === "replace" && (limit > 0 || interrupt)) return false;
  return waiting >= limit;
}
