import type { RunEvent } from "../../executor/mod.ts";
import type { JsonValue } from "../../json/mod.ts";
import type { WorkflowSpec } from "../../spec/mod.ts";
import type { RunFilter, RunRecord, StoredRun } from "../records.ts";
import { arrayOf, type Database, type Parameter } from "./database.ts";
import { json, RECORD_COLUMNS, toRecord } from "./rows.ts";

/** One run with all that it takes to go on with it. */
export async function readRun(db: Database, runId: string): Promise<StoredRun | undefined> {
  const { schema } = db.address;
  const [row] = await db.query({
    text: `SELECT ${RECORD_COLUMNS}, r.input, s.spec
      FROM ${schema}.runs r JOIN ${schema}.specs s ON s.hash = r.spec_hash WHERE r.run_id = $1`,
    values: [storable(runId)],
  });
  if (row === undefined) return undefined;
  return {
    ...toRecord(row),
    spec: json(row["spec"]) as WorkflowSpec,
    input: json(row["input"]) as JsonValue,
  };
}

/** How many runs of a workflow wait, and how many run. */
export async function countRuns(
  db: Database,
  workflowKey: string,
): Promise<{ readonly queued: number; readonly running: number }> {
  const [row] = await db.query({
    text: `SELECT count(*) FILTER (WHERE status = 'queued') AS queued,
        count(*) FILTER (WHERE status = 'running') AS running
      FROM ${db.address.schema}.runs
      WHERE workflow_key = $1 AND status IN ('queued', 'running', 'interrupted')`,
    values: [workflowKey],
  });
  return { queued: Number(row?.["queued"] ?? 0), running: Number(row?.["running"] ?? 0) };
}

/** Events of a run behind `afterSeq`, in order. */
export async function readEvents(
  db: Database,
  runId: string,
  { afterSeq, limit }: { readonly afterSeq: number; readonly limit: number | undefined },
): Promise<readonly RunEvent[]> {
  const rows = await db.query({
    text: `SELECT event FROM ${db.address.schema}.events
      WHERE run_id = $1 AND seq > $2 ORDER BY seq LIMIT $3::bigint`,
    values: [storable(runId), afterSeq, limit ?? null],
  });
  return rows.map((row) => json(row["event"]) as RunEvent);
}

/** An id that somebody typed may hold what no text of the server can; no run is called so. */
function storable(runId: string): string {
  return runId.replaceAll("\0", "?");
}

/** Newest first: ids of runs are UUIDv7, which sort by the time they were made. */
export async function listRuns(
  db: Database,
  filter: RunFilter,
): Promise<readonly RunRecord[]> {
  const { schema } = db.address;
  const conditions: string[] = [];
  const values: Parameter[] = [];
  const and = (condition: string, value: Parameter | undefined) => {
    if (value === undefined) return;
    values.push(value);
    conditions.push(condition.replace("?", `$${values.length}`));
  };
  and("r.workflow = ?", filter.workflow);
  and("r.workflow_key = ?", filter.workflowKey);
  and("r.status = ANY(?::text[])", filter.status && arrayOf(filter.status));
  and("r.created_at >= ?::bigint", filter.createdAfter);
  and("r.created_at <= ?::bigint", filter.createdBefore);
  and("r.run_id < ?", filter.before);
  const { workflowKeys } = filter;
  const where = conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`;
  values.push(Math.min(Math.max(filter.limit, 1), 1_000));
  const limit = `$${values.length}`;
  if (workflowKeys !== undefined) values.push(arrayOf([...new Set(workflowKeys)]));
  const rows = await db.query({
    text: workflowKeys === undefined
      ? `SELECT ${RECORD_COLUMNS} FROM ${schema}.runs r ${where}
        ORDER BY r.run_id DESC LIMIT ${limit}`
      : ofMany({ schema, conditions, limit, keys: `$${values.length}` }),
    values,
  });
  return rows.map(toRecord);
}

interface OfMany {
  readonly schema: string;
  readonly conditions: readonly string[];
  /** Parameters. */
  readonly limit: string;
  readonly keys: string;
}

/**
 * The runs of some workflows. The newest of each stands at one end of an index; of so many ends only the newest
 * can lead to the page, so that no more than a page of them is followed.
 */
function ofMany({ schema, conditions, limit, keys }: OfMany): string {
  const runsOf = (key: string) =>
    `SELECT r.run_id FROM ${schema}.runs r
      WHERE ${[`r.workflow_key = ${key}`, ...conditions].join(" AND ")} ORDER BY r.run_id DESC`;
  return `WITH ends AS (
      SELECT k.key FROM unnest(${keys}::text[]) AS k(key)
      CROSS JOIN LATERAL (${runsOf("k.key")} LIMIT 1) newest
      ORDER BY newest.run_id DESC LIMIT ${limit}
    ), page AS (
      SELECT one.run_id FROM ends CROSS JOIN LATERAL (${runsOf("ends.key")} LIMIT ${limit}) one
      ORDER BY one.run_id DESC LIMIT ${limit}
    )
    SELECT ${RECORD_COLUMNS} FROM page JOIN ${schema}.runs r ON r.run_id = page.run_id
    ORDER BY r.run_id DESC`;
}
