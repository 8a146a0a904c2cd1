import type { StoredWorkflow, StoredWorkflowRecord } from "../stored_workflow.ts";
import { nextVersion, type WorkflowVersion } from "../workflow_version.ts";
import type { Database, Row } from "./database.ts";
import { parse, quoted } from "./rows.ts";

const COLUMNS = "workflow_id, name, version, kind, driver, source, hash, created_at";

/** Adds a version, unless the newest is the same. Within a transaction. */
export function putWorkflow(db: Database, version: WorkflowVersion): StoredWorkflowRecord {
  const { name, files } = version.workflow;
  const row = db.get(
    `SELECT ${COLUMNS} FROM workflows WHERE name = ? ORDER BY version DESC LIMIT 1`,
    name,
  );
  const last = row === undefined ? undefined : toRecord(db, row);
  const next = nextVersion(version, last);
  if (next.version === last?.version) return next;
  const number = db.insert(
    `INSERT INTO workflows (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    next.id,
    name,
    next.version,
    next.kind,
    quoted(next.driver),
    quoted(next.source),
    next.hash,
    next.createdAt,
  );
  db.run(
    "INSERT INTO workflow_files (workflow, files) VALUES (?, ?)",
    number,
    JSON.stringify(files),
  );
  return next;
}

/** One version with its files; the newest without a number. */
export function getWorkflow(
  db: Database,
  name: string,
  version?: number,
): StoredWorkflow | undefined {
  const row = db.get(
    `SELECT ${COLUMNS}, files FROM workflows JOIN workflow_files ON workflow = id
     WHERE name = ?1 AND (?2 IS NULL OR version = ?2) ORDER BY version DESC LIMIT 1`,
    name,
    version ?? null,
  );
  if (row === undefined) return undefined;
  return { ...toRecord(db, row), files: parse(db, row["files"]) as StoredWorkflow["files"] };
}

/** The newest version of each name. */
export function listWorkflows(db: Database): readonly StoredWorkflowRecord[] {
  return db.all(
    `SELECT ${COLUMNS} FROM workflows w
     WHERE version = (SELECT max(version) FROM workflows WHERE name = w.name) ORDER BY name`,
  ).map((row) => toRecord(db, row));
}

/** Every version of a name, newest first. */
export function workflowHistory(db: Database, name: string): readonly StoredWorkflowRecord[] {
  return db.all(`SELECT ${COLUMNS} FROM workflows WHERE name = ? ORDER BY version DESC`, name)
    .map((row) => toRecord(db, row));
}

/** Removes every version of a name; false when there is none. Within a transaction. */
export function removeWorkflow(db: Database, name: string): boolean {
  db.run(
    "DELETE FROM workflow_files WHERE workflow IN (SELECT id FROM workflows WHERE name = ?)",
    name,
  );
  return db.run("DELETE FROM workflows WHERE name = ?", name) > 0;
}

function toRecord(db: Database, row: Row): StoredWorkflowRecord {
  const driver = row["driver"];
  return {
    id: String(row["workflow_id"]),
    name: String(row["name"]),
    version: Number(row["version"]),
    kind: row["kind"] as StoredWorkflowRecord["kind"],
    driver: driver === null ? undefined : parse(db, driver) as string,
    source: parse(db, row["source"]) as string,
    hash: String(row["hash"]),
    createdAt: Number(row["created_at"]),
  };
}
