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
  const conditions: string[] = [];
  const values: Parameter[] = [];
  const where = (condition: string, value: Parameter | undefined) => {
    if (value === undefined) return;
    values.push(value);
    conditions.push(condition.replace("?", `$${values.length}`));
  };
  where("r.workflow = ?", filter.workflow);
  where("r.workflow_key = ?", filter.workflowKey);
  where("r.status = ANY(?::text[])", filter.status && arrayOf(filter.status));
  where("r.created_at >= ?::bigint", filter.createdAfter);
  where("r.created_at <= ?::bigint", filter.createdBefore);
  where("r.run_id < ?", filter.before);
  values.push(Math.min(Math.max(filter.limit, 1), 1_000));
  const rows = await db.query({
    text: `SELECT ${RECORD_COLUMNS} FROM ${db.address.schema}.runs r
      ${conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`}
      ORDER BY r.run_id DESC LIMIT $${values.length}`,
    values,
  });
  return rows.map(toRecord);
}
