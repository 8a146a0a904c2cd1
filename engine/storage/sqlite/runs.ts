import { CodedError } from "../../errors/mod.ts";
import type { RunStatus } from "../../executor/mod.ts";
import type { WorkflowSpec } from "../../spec/mod.ts";
import { FINISHED, UNFINISHED } from "../is_over.ts";
import type {
  Created,
  Idempotency,
  KeyedRun,
  NewRun,
  Owner,
  RunFilter,
  RunRecord,
  StoredRun,
} from "../records.ts";
import type { Database, Value } from "./database.ts";
import { newestOfMany } from "./newest_of_many.ts";
import type { Owners } from "./owners.ts";
import { quoted, RECORD_COLUMNS, RECORD_TABLES, toRecord, toStoredRun } from "./rows.ts";

const ALL_STATES: readonly RunStatus[] = [...UNFINISHED, ...FINISHED];
const MAX_LIMIT = 1_000;

/** What `createRun` writes. */
export interface Creation {
  readonly run: NewRun;
  readonly owner: Owner;
  /** `run.spec` as JSON, and what tells it from others. */
  readonly spec: { readonly hash: string; readonly json: string };
  readonly now: number;
}

/** Accepts a run unless its key is taken. Within a transaction. */
export function createRun(db: Database, owners: Owners, creation: Creation): Created {
  const { run, owner, now } = creation;
  const taken = run.idempotency && findKeyedRun(db, run.workflowKey, { ...run.idempotency, now });
  if (taken !== undefined) return { status: "exists", ...taken };
  if (db.get("SELECT 1 FROM runs WHERE run_id = ?", run.runId) !== undefined) {
    throw new CodedError(
      "INTERNAL",
      `Cannot create run "${run.runId}" as new: there is one of that id`,
    );
  }
  const number = db.insert(
    `INSERT INTO runs (run_id, workflow, version, workflow_key, spec, status, partition, created_at,
       started_at, start_after, deadline_at, owner, token) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)`,
    run.runId,
    run.workflow,
    run.version,
    run.workflowKey,
    specNumber(db, creation.spec),
    run.status,
    quoted(run.partition),
    run.createdAt,
    run.status === "running" ? run.createdAt : null,
    run.startAfter ?? null,
    run.deadlineAt ?? null,
    owners.numberOf(owner),
  );
  db.run(
    "INSERT INTO run_values (run, trigger, input) VALUES (?, ?, ?)",
    number,
    JSON.stringify(run.trigger),
    JSON.stringify(run.input),
  );
  const key = run.idempotency;
  if (key !== undefined) {
    db.run(
      `INSERT OR REPLACE INTO idempotency_keys (workflow_key, scope, key, fingerprint, run_id, expires_at)
       VALUES (?, ?, ?, ?, ?, ?)`,
      run.workflowKey,
      quoted(key.scope),
      quoted(key.key),
      quoted(key.fingerprint),
      run.runId,
      key.expiresAt,
    );
  }
  return { status: "created", lease: { runId: run.runId, ownerId: owner.id, token: 1 } };
}

/** The run that a key stands for at `now`. */
export function findKeyedRun(
  db: Database,
  workflowKey: string,
  { scope, key, fingerprint, now }: Pick<Idempotency, "scope" | "key" | "fingerprint"> & {
    readonly now: number;
  },
): KeyedRun | undefined {
  const row = db.get(
    `SELECT run_id, fingerprint FROM idempotency_keys
     WHERE workflow_key = ? AND scope = ? AND key = ? AND expires_at > ?`,
    workflowKey,
    quoted(scope),
    quoted(key),
    now,
  );
  if (row === undefined) return undefined;
  return {
    runId: String(row["run_id"]),
    sameFingerprint: row["fingerprint"] === quoted(fingerprint),
  };
}

function specNumber(db: Database, { hash, json }: Creation["spec"]): number {
  const row = db.get("SELECT id FROM specs WHERE hash = ?", hash);
  if (row !== undefined) return Number(row["id"]);
  return db.insert("INSERT INTO specs (hash, spec) VALUES (?, ?)", hash, json);
}

/** One run with all that it takes to go on. */
export function getRun(
  db: Database,
  runId: string,
  specs = new Map<number, WorkflowSpec>(),
): StoredRun | undefined {
  const row = db.get(
    `SELECT ${RECORD_COLUMNS}, r.spec, v.input FROM ${RECORD_TABLES} WHERE r.run_id = ?`,
    runId,
  );
  return row === undefined ? undefined : toStoredRun(db, row, specs);
}

/**
 * A page of runs. Each state has its own ordered index, so the newest of each are taken and the page is made of
 * those: no more rows are read than six pages, however many there are.
 */
export function listRuns(db: Database, filter: RunFilter): readonly RunRecord[] {
  const { workflowKeys, ...rest } = filter;
  if (workflowKeys !== undefined) {
    const keys = new Set(workflowKeys);
    if (rest.workflowKey === undefined) return listRunsOfMany(db, [...keys], rest);
    return keys.has(rest.workflowKey) ? listRuns(db, rest) : [];
  }
  const limit = limitOf(filter);
  const states = statesOf(filter);
  if (states.length === 0) return [];
  const [where, values] = conditions(db, filter);
  const order = "ORDER BY created_at DESC, run_id DESC LIMIT ?";
  const parts = states.map((state) =>
    `SELECT * FROM (SELECT id, created_at, run_id FROM runs ${indexFor(filter)}
     WHERE status = '${state}'${where} ${order})`
  );
  return db.all(
    `SELECT ${RECORD_COLUMNS} FROM (SELECT id FROM (${parts.join(" UNION ALL ")}) ${order}) page
     JOIN ${RECORD_TABLES.replace("runs r", "runs r ON r.id = page.id")}
     ORDER BY r.created_at DESC, r.run_id DESC`,
    ...states.flatMap(() => [...values, limit]),
    limit,
  ).map((row) => toRecord(db, row));
}

/**
 * A page of the runs of some workflows. Each workflow and state has its newest run at one end of an index; of so
 * many ends only the newest can lead to the page, so that no more than a page of them is followed.
 */
function listRunsOfMany(
  db: Database,
  keys: readonly string[],
  filter: RunFilter,
): readonly RunRecord[] {
  const limit = limitOf(filter);
  const [where, values] = conditions(db, filter);
  const order = "ORDER BY created_at DESC, run_id DESC LIMIT";
  const ends = db.all(
    `SELECT r.workflow_key, r.status FROM (
       SELECT (SELECT id FROM runs INDEXED BY runs_by_key
         WHERE workflow_key = k.value AND status = s.value${where} ${order} 1) AS id
       FROM json_each(?) k CROSS JOIN json_each(?) s
     ) e JOIN runs r ON r.id = e.id ORDER BY r.created_at DESC, r.run_id DESC LIMIT ?`,
    ...values,
    JSON.stringify(keys),
    JSON.stringify(statesOf(filter)),
    limit,
  );
  const lines = ends.map((end) => ({
    workflowKey: String(end["workflow_key"]),
    status: String(end["status"]),
  }));
  const page = newestOfMany(db, lines, { where, values, limit });
  return db.all(
    `SELECT ${RECORD_COLUMNS} FROM (SELECT value AS id FROM json_each(?)) page
     JOIN ${RECORD_TABLES.replace("runs r", "runs r ON r.id = page.id")}
     ORDER BY r.created_at DESC, r.run_id DESC`,
    JSON.stringify(page),
  ).map((row) => toRecord(db, row));
}

function limitOf({ limit }: RunFilter): number {
  return Math.min(MAX_LIMIT, Math.max(1, Math.floor(limit)));
}

function statesOf({ status }: RunFilter): readonly RunStatus[] {
  return ALL_STATES.filter((state) => status?.includes(state) ?? true);
}

function indexFor({ workflow, workflowKey }: RunFilter): string {
  if (workflowKey !== undefined) return "INDEXED BY runs_by_key";
  return `INDEXED BY ${workflow === undefined ? "runs_by_status" : "runs_by_workflow"}`;
}

function conditions(db: Database, filter: RunFilter): [string, Value[]] {
  const parts: string[] = [];
  const values: Value[] = [];
  function and(condition: string, ...more: Value[]): void {
    parts.push(` AND ${condition}`);
    values.push(...more);
  }
  if (filter.workflowKey !== undefined) and("workflow_key = ?", filter.workflowKey);
  if (filter.workflow !== undefined) and("workflow = ?", filter.workflow);
  if (filter.createdAfter !== undefined) and("created_at >= ?", filter.createdAfter);
  if (filter.createdBefore !== undefined) and("created_at <= ?", filter.createdBefore);
  if (filter.before !== undefined) {
    and("(created_at, run_id) < (?, ?)", createdAt(db, filter.before), filter.before);
  }
  return [parts.join(""), values];
}

/** When a run was created: a UUIDv7 says so too, for a run that is not there any more. */
function createdAt(db: Database, runId: string): number {
  const row = db.get("SELECT created_at FROM runs WHERE run_id = ?", runId);
  if (row !== undefined) return Number(row["created_at"]);
  const ms = parseInt(runId.replaceAll("-", "").slice(0, 12), 16);
  return Number.isNaN(ms) ? 0 : ms;
}

/** How many runs of a workflow wait and work. */
export function countRuns(
  db: Database,
  workflowKey: string,
): { readonly queued: number; readonly running: number } {
  const count = (status: RunStatus) =>
    Number(
      db.get(
        "SELECT count(*) AS n FROM runs INDEXED BY runs_by_key WHERE workflow_key = ? AND status = ?",
        workflowKey,
        status,
      )?.["n"],
    );
  return { queued: count("queued"), running: count("running") };
}
