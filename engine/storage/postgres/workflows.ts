import type { StoredWorkflow, StoredWorkflowRecord } from "../stored_workflow.ts";
import { StorageError } from "../storage_error.ts";
import type { WorkflowVersion } from "../workflow_version.ts";
import type { Database, Row } from "./database.ts";
import { json, quoted } from "./rows.ts";

const COLUMNS = "workflow_id, name, version, kind, driver, source, hash, created_at";
/** Of calls for one name at the same moment one is stored in each round. */
const MAX_ROUNDS = 1_000;

/**
 * Adds a version, unless the newest is the same. The id of the write makes a repeated call know what it has
 * done already.
 */
export async function putWorkflow(
  db: Database,
  { workflow, hash, newId }: WorkflowVersion,
): Promise<StoredWorkflowRecord> {
  const table = `${db.address.schema}.workflows`;
  const { name, kind, driver, source, files, createdAt } = workflow;
  const writeId = crypto.randomUUID();
  const text = `WITH last AS (
      SELECT ${COLUMNS} FROM ${table} WHERE name = $1 ORDER BY version DESC LIMIT 1
    ), same AS (
      SELECT ${COLUMNS} FROM ${table} WHERE name = $1 AND write_id = $9
      UNION ALL SELECT ${COLUMNS} FROM last WHERE hash = $6
    ), added AS (
      INSERT INTO ${table} (${COLUMNS}, files, write_id)
      SELECT coalesce((SELECT workflow_id FROM last), $2), $1,
        coalesce((SELECT version FROM last), 0) + 1, $3, $4, $5, $6, $7::bigint, $8, $9
      WHERE NOT EXISTS (SELECT FROM same)
      ON CONFLICT (name, version) DO NOTHING
      RETURNING ${COLUMNS}
    )
    SELECT * FROM added UNION ALL SELECT * FROM same LIMIT 1`;
  const values = [
    name,
    newId,
    kind,
    quoted(driver),
    quoted(source),
    hash,
    createdAt,
    JSON.stringify(files),
    writeId,
  ];
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const [row] = await db.query({ text, values });
    if (row !== undefined) return toRecord(row);
  }
  throw new StorageError(
    "STORAGE_UNAVAILABLE",
    `Cannot store workflow "${name}" as its next version: others store it all the time`,
    { fix: `pd pipelines history ${name}` },
  );
}

/** One version with its files; the newest without a number. */
export async function getWorkflow(
  db: Database,
  name: string,
  version?: number,
): Promise<StoredWorkflow | undefined> {
  const [row] = await db.query({
    text: `SELECT ${COLUMNS}, files FROM ${db.address.schema}.workflows
      WHERE name = $1 AND ($2::integer IS NULL OR version = $2::integer)
      ORDER BY version DESC LIMIT 1`,
    values: [name, version ?? null],
  });
  if (row === undefined) return undefined;
  return { ...toRecord(row), files: json(row["files"]) as StoredWorkflow["files"] };
}

/** The newest version of each name. */
export async function listWorkflows(db: Database): Promise<readonly StoredWorkflowRecord[]> {
  const rows = await db.query({
    text: `SELECT DISTINCT ON (name) ${COLUMNS} FROM ${db.address.schema}.workflows
      ORDER BY name, version DESC`,
    values: [],
  });
  return rows.map(toRecord);
}

/** Every version of a name, newest first. */
export async function workflowHistory(
  db: Database,
  name: string,
): Promise<readonly StoredWorkflowRecord[]> {
  const rows = await db.query({
    text: `SELECT ${COLUMNS} FROM ${db.address.schema}.workflows WHERE name = $1
      ORDER BY version DESC`,
    values: [name],
  });
  return rows.map(toRecord);
}

/** Removes every version of a name; false when there is none. */
export async function removeWorkflow(db: Database, name: string): Promise<boolean> {
  let wasRepeated = false;
  const rows = await db.query((isRepeat) => {
    wasRepeated ||= isRepeat;
    return {
      text: `DELETE FROM ${db.address.schema}.workflows WHERE name = $1 RETURNING version`,
      values: [name],
    };
  });
  // What an earlier try has removed cannot be told from what was never there.
  return rows.length > 0 || wasRepeated;
}

function toRecord(row: Row): StoredWorkflowRecord {
  return {
    id: String(row["workflow_id"]),
    name: String(row["name"]),
    version: Number(row["version"]),
    kind: row["kind"] as StoredWorkflowRecord["kind"],
    driver: json(row["driver"]) as string | undefined,
    source: json(row["source"]) as string,
    hash: String(row["hash"]),
    createdAt: Number(row["created_at"]),
  };
}
