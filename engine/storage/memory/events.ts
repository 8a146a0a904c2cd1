import type { RunEvent } from "../../executor/mod.ts";
import { eventGap, followsOn } from "../event_gap.ts";
import { isOver } from "../is_over.ts";
import { leaseLost } from "../lease_lost.ts";
import type { Append } from "../records.ts";
import { addEvents, updateEntry } from "./entry.ts";
import type { Runs } from "./runs.ts";

/**
 * Appends events and updates their run. Everything is checked before anything is changed.
 *
 * @throws {StorageError} `LEASE_LOST`
 */
export function append(runs: Runs, request: Append, now: number): void {
  const { lease, events, update } = request;
  const entry = runs.get(lease.runId);
  if (
    entry === undefined || entry.run.owner?.id !== lease.ownerId || entry.token !== lease.token
  ) {
    throw leaseLost(lease);
  }
  const { lastSeq } = entry.run;
  if (!followsOn(request, lastSeq)) throw eventGap(request, lastSeq);
  if (events.length > 0) addEvents(entry, events);
  if (update === undefined) return;
  updateEntry(entry, update, now);
  if (isOver(entry.run.status)) runs.end(entry);
}

/** Events of a run after `afterSeq`, in order. */
export function readEvents(
  runs: Runs,
  runId: string,
  { afterSeq, limit = Infinity }: {
    readonly afterSeq: number;
    readonly limit?: number | undefined;
  },
): readonly RunEvent[] {
  const from = Math.max(0, afterSeq);
  return runs.get(runId)?.events.slice(from, from + limit) ?? [];
}
