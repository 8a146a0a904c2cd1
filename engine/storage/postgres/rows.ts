import type { RunStatus } from "../../executor/mod.ts";
import type { JsonValue } from "../../json/mod.ts";
import type { Owner, RunRecord } from "../records.ts";
import type { Row } from "./database.ts";

/** The columns that `toRecord` reads. */
export const RECORD_COLUMNS = `r.run_id, r.workflow, r.version, r.workflow_key, r.status, r.trigger,
  r.partition, r.created_at, r.started_at, r.completed_at, r.start_after, r.deadline_at, r.error, r.cancel_requested,
  r.owner, r.last_seq`;

/** A row of `runs` as a line of a list. */
export function toRecord(row: Row): RunRecord {
  return {
    runId: String(row["run_id"]),
    workflow: String(row["workflow"]),
    version: String(row["version"]),
    workflowKey: String(row["workflow_key"]),
    status: row["status"] as RunStatus,
    trigger: json(row["trigger"]) as JsonValue,
    partition: json(row["partition"]) as string | undefined,
    createdAt: Number(row["created_at"]),
    startedAt: optional(row["started_at"]),
    completedAt: optional(row["completed_at"]),
    startAfter: optional(row["start_after"]),
    deadlineAt: optional(row["deadline_at"]),
    error: json(row["error"]) as string | undefined,
    cancelRequested: row["cancel_requested"] === true,
    owner: json(row["owner"]) as Owner | undefined,
    lastSeq: Number(row["last_seq"]),
  };
}

/** The value of a column of JSON text, `undefined` for NULL. */
export function json(column: Row[string] | undefined): unknown {
  return typeof column === "string" ? JSON.parse(column) : undefined;
}

/**
 * A text that a column can hold whatever is in it: PostgreSQL takes no NUL in a text, and half of a
 * surrogate pair would not come back.
 */
export function quoted(text: string | undefined): string | null {
  return text === undefined ? null : JSON.stringify(text);
}

function optional(column: Row[string] | undefined): number | undefined {
  return column === null || column === undefined ? undefined : Number(column);
}
