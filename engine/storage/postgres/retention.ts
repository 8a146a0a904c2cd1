import type { Retention } from "../records.ts";
import { arrayOf, type Database } from "./database.ts";

/** Runs that are deleted in one transaction. */
const CHUNK = 1_000;
const OVER = "('succeeded', 'failed', 'cancelled')";

/** Deletes what the retention lets go, a chunk at a time, and what nobody needs any more. */
export async function applyRetention(
  db: Database,
  { workflowKey, completedBefore, maxCount }: Retention,
  now: number,
): Promise<number> {
  const { schema: s } = db.address;
  const key = workflowKey ?? null;
  let deleted = 0;
  const deleteAll = async (which: string, value: number) => {
    for (;;) {
      const rows = await db.query({ text: which, values: [key, value, CHUNK] });
      const runIds = rows.map((row) => String(row["run_id"]));
      deleted += await deleteRuns(db, runIds);
      if (runIds.length < CHUNK) return;
    }
  };
  if (completedBefore !== undefined) {
    await deleteAll(
      `SELECT run_id FROM ${s}.runs
        WHERE completed_at < $2::bigint AND status IN ${OVER} AND ($1::text IS NULL OR workflow_key = $1)
        LIMIT $3`,
      completedBefore,
    );
  }
  if (maxCount !== undefined) {
    await deleteAll(
      `SELECT run_id FROM ${s}.runs
        WHERE status IN ${OVER} AND ($1::text IS NULL OR workflow_key = $1)
        ORDER BY run_id DESC OFFSET $2::bigint LIMIT $3`,
      maxCount,
    );
  }
  await db.query({
    text: `DELETE FROM ${s}.idempotency_keys WHERE expires_at <= $1::bigint`,
    values: [now],
  });
  await db.query({
    text: `DELETE FROM ${s}.owners o WHERE lease_until < clock_timestamp() - interval '1 day'
      AND NOT EXISTS (SELECT FROM ${s}.runs r WHERE r.owner_id = o.owner_id)`,
    values: [],
  });
  if (deleted > 0) await deleteSpecs(db);
  return deleted;
}

/**
 * Deletes runs that are over, with all that belongs to them but their idempotency keys, which mean them for as
 * long as they live; how many they were.
 */
export async function deleteRuns(
  db: Database,
  runIds: readonly string[],
): Promise<number> {
  if (runIds.length === 0) return 0;
  const { schema: s } = db.address;
  const [row] = await db.query({
    text: `WITH gone AS (
        DELETE FROM ${s}.runs WHERE run_id = ANY($1::text[]) AND status IN ${OVER} RETURNING run_id
      ), events AS (
        DELETE FROM ${s}.events WHERE run_id IN (SELECT run_id FROM gone)
      )
      SELECT count(*) AS count FROM gone`,
    values: [arrayOf(runIds)],
  });
  return Number(row?.["count"] ?? 0);
}

/** Specs that no run has. One that a run is just getting stays: its foreign key says so. */
async function deleteSpecs(db: Database): Promise<void> {
  const { schema: s } = db.address;
  const rows = await db.query({
    text: `SELECT hash FROM ${s}.specs p
      WHERE NOT EXISTS (SELECT FROM ${s}.runs r WHERE r.spec_hash = p.hash) LIMIT 1000`,
    values: [],
  });
  for (const row of rows) {
    await db.query({
      text: `DELETE FROM ${s}.specs p WHERE hash = $1
        AND NOT EXISTS (SELECT FROM ${s}.runs r WHERE r.spec_hash = p.hash)`,
      values: [String(row["hash"])],
    }).catch(() => {});
  }
}
