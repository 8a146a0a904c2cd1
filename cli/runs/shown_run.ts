import type { RunStatus } from "../../engine/executor/mod.ts";
import type { JsonValue } from "../../engine/json/mod.ts";
import {
  currentOwner,
  isOver,
  isOwnerAlive,
  type Owner,
  type RunRecord,
  type Storage,
} from "../../engine/storage/mod.ts";
import { shownValue } from "./shown_value.ts";

/** A run as people see it. */
export interface ShownRun {
  readonly record: RunRecord;
  /** `interrupted` for a run whose engine is known to have ended. */
  readonly status: RunStatus;
  /** Whether the engine that owns it lives; undefined when it has none, or when that cannot be known here. */
  readonly isOwnerAlive: boolean | undefined;
}

/** Adds to a record what can be known of its owner. */
export async function showRun(record: RunRecord, storage: Storage): Promise<ShownRun> {
  const { status, owner } = record;
  if (isOver(status)) return { record, status, isOwnerAlive: undefined };
  const isAlive = owner === undefined ? undefined : await isKnownAlive(owner, storage);
  const isLeft = owner === undefined || isAlive === false;
  return {
    record,
    status: status === "running" && isLeft ? "interrupted" : status,
    isOwnerAlive: isAlive,
  };
}

/** Processes of other machines are known by their lease alone, which a record does not tell. */
async function isKnownAlive(owner: Owner, storage: Storage): Promise<boolean | undefined> {
  if (storage.kind === "postgres" && owner.host !== currentOwner().host) return undefined;
  return await isOwnerAlive(owner);
}

/** How long it took, or takes so far; undefined when it has not started. */
export function durationOf({ record, status }: ShownRun, now: number): number | undefined {
  const { startedAt, completedAt } = record;
  if (startedAt === undefined) return undefined;
  if (completedAt === undefined && status === "interrupted") return undefined;
  return Math.max(0, (completedAt ?? now) - startedAt);
}

/** What started a run, in a word or two: `manual`, `cron daily`, `queue stories.requested`. */
export function triggerText(trigger: JsonValue): string {
  if (typeof trigger !== "object" || trigger === null || Array.isArray(trigger)) return "";
  const { type, name, subject, path, of } = trigger as { readonly [key: string]: JsonValue };
  const what = [name, subject, path, of].find((part) => typeof part === "string");
  return [type, what].filter((part) => typeof part === "string").join(" ");
}

/** A run under `-o json`. */
export function runJson(run: ShownRun, shortId: string, now: number): { [key: string]: JsonValue } {
  const { record, status, isOwnerAlive } = run;
  return {
    runId: record.runId,
    shortId,
    workflow: record.workflow,
    version: record.version,
    workflowKey: record.workflowKey,
    status,
    trigger: shownValue(record.trigger),
    partition: record.partition ?? null,
    createdAt: record.createdAt,
    startedAt: record.startedAt ?? null,
    completedAt: record.completedAt ?? null,
    startAfter: record.startAfter ?? null,
    deadlineAt: record.deadlineAt ?? null,
    durationMs: durationOf(run, now) ?? null,
    error: record.error ?? null,
    cancelRequested: record.cancelRequested,
    owner: record.owner === undefined ? null : { ...record.owner, alive: isOwnerAlive ?? null },
    lastSeq: record.lastSeq,
  };
}
