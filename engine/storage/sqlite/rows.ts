import type { RunStatus } from "../../executor/mod.ts";
import type { JsonValue } from "../../json/mod.ts";
import type { WorkflowSpec } from "../../spec/mod.ts";
import type { Owner, RunRecord, StoredRun } from "../records.ts";
import { StorageError } from "../storage_error.ts";
import type { Database, Row } from "./database.ts";
import { damaged } from "./failure.ts";

/** Everything that `toRecord` reads of a run. */
export const RECORD_COLUMNS =
  `r.run_id, r.workflow, r.version, r.workflow_key, r.status, r.partition, r.created_at, r.started_at,
  r.completed_at, r.start_after, r.deadline_at, r.error, r.cancel_requested, r.last_seq, v.trigger,
  o.owner_id, o.host, o.pid, o.started_at AS owner_started_at`;

/** Where `RECORD_COLUMNS` come from. */
export const RECORD_TABLES =
  "runs r JOIN run_values v ON v.run = r.id LEFT JOIN owners o ON o.id = r.owner";

/** A row of `RECORD_COLUMNS` as a line of a list. */
export function toRecord(db: Database, row: Row): RunRecord {
  return {
    runId: text(row["run_id"]),
    workflow: text(row["workflow"]),
    version: text(row["version"]),
    workflowKey: text(row["workflow_key"]),
    status: text(row["status"]) as RunStatus,
    trigger: parse(db, row["trigger"]) as JsonValue,
    partition: unquoted(db, row["partition"]),
    createdAt: Number(row["created_at"]),
    startedAt: optionalNumber(row["started_at"]),
    completedAt: optionalNumber(row["completed_at"]),
    startAfter: optionalNumber(row["start_after"]),
    deadlineAt: optionalNumber(row["deadline_at"]),
    error: unquoted(db, row["error"]),
    cancelRequested: row["cancel_requested"] === 1,
    owner: row["owner_id"] === null ? undefined : toOwner(row),
    lastSeq: Number(row["last_seq"]),
  };
}

/** A row with `input` and `spec` besides. `specs` holds those that were read before: runs share them. */
export function toStoredRun(db: Database, row: Row, specs: Map<number, WorkflowSpec>): StoredRun {
  return {
    ...toRecord(db, row),
    spec: readSpec(db, Number(row["spec"]), specs),
    input: parse(db, row["input"]) as JsonValue,
  };
}

/** A row with the columns of an owner. */
export function toOwner(row: Row): Owner {
  return {
    id: text(row["owner_id"]),
    host: text(row["host"]),
    pid: Number(row["pid"]),
    startedAt: Number(row["owner_started_at"]),
  };
}

/**
 * A column of JSON as its value.
 *
 * @throws {StorageError} `STORAGE_DAMAGED` when it is none: nobody but us writes here
 */
export function parse(db: Database, column: Row[string] | undefined): unknown {
  try {
    return JSON.parse(text(column));
  } catch (error) {
    if (error instanceof StorageError) throw error;
    throw damaged(db.path, "a stored value is not JSON", error);
  }
}

/** Any text as a column gives it back: a NUL would end it, and half of a surrogate pair would be lost. */
export function quoted(text: string | undefined): string | null {
  return text === undefined ? null : JSON.stringify(text);
}

function readSpec(db: Database, id: number, specs: Map<number, WorkflowSpec>): WorkflowSpec {
  let spec = specs.get(id);
  if (spec === undefined) {
    spec = parse(db, db.get("SELECT spec FROM specs WHERE id = ?", id)?.["spec"]) as WorkflowSpec;
    specs.set(id, spec);
  }
  return spec;
}

function text(column: Row[string] | undefined): string {
  return typeof column === "string" ? column : "";
}

function unquoted(db: Database, column: Row[string] | undefined): string | undefined {
  return typeof column === "string" ? parse(db, column) as string : undefined;
}

function optionalNumber(column: Row[string] | undefined): number | undefined {
  return column === null || column === undefined ? undefined : Number(column);
}
