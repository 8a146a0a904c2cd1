import type { RunRecord } from "../storage/mod.ts";
import type { RunSummary } from "./run.ts";
import { shownValue, type Views } from "./two_views.ts";

/** A run of the storage as a list shows it. */
export function summaryOf(record: RunRecord, views: Views, now: number): RunSummary {
  const { runId, status, workflow, version, createdAt } = record;
  const startedAt = record.startedAt ?? createdAt;
  const completedAt = record.completedAt ?? null;
  return {
    runId,
    status,
    workflow,
    version,
    trigger: shownValue(record.trigger, views),
    createdAt,
    startedAt,
    completedAt,
    durationMs: record.startedAt === undefined && completedAt === null
      ? 0
      : (completedAt ?? now) - startedAt,
    error: record.error ?? null,
  };
}
