import { FINISHED } from "../is_over.ts";
import type { Retention } from "../records.ts";
import type { Database, Value } from "./database.ts";

/** Runs that one transaction deletes, and events: each a few milliseconds. */
const RUNS_PER_BATCH = 100;
const EVENTS_PER_BATCH = 2_000;
const STATES = FINISHED.map((state) => `'${state}'`).join(", ");

/** Deletes one run that is over; its events wait in `trash`. Within a transaction. */
export function deleteRun(db: Database, runId: string): boolean {
  const row = db.get(`SELECT id FROM runs WHERE run_id = ? AND status IN (${STATES})`, runId);
  if (row === undefined) return false;
  moveToTrash(db, Number(row["id"]));
  return true;
}

/** Deletes some of what the retention names; answers how many runs. 0: there is none left. Within a transaction. */
export function deleteBatch(db: Database, retention: Retention): number {
  const { workflowKey, completedBefore, maxCount } = retention;
  const index = workflowKey === undefined ? "runs_by_end" : "runs_by_key_end";
  const from = `runs INDEXED BY ${index} WHERE completed_at IS NOT NULL` +
    (workflowKey === undefined ? "" : " AND workflow_key = ?");
  const key: readonly Value[] = workflowKey === undefined ? [] : [workflowKey];
  const isOver = `status IN (${STATES})`;
  const ids = new Set<number>();
  if (completedBefore !== undefined) {
    const rows = db.all(
      `SELECT id FROM ${from} AND completed_at < ? AND ${isOver} ORDER BY completed_at LIMIT ?`,
      ...key,
      completedBefore,
      RUNS_PER_BATCH,
    );
    for (const { id } of rows) ids.add(Number(id));
  }
  if (maxCount !== undefined && ids.size === 0) {
    const rows = db.all(
      `SELECT id FROM ${from} AND ${isOver} ORDER BY completed_at DESC, id DESC LIMIT ? OFFSET ?`,
      ...key,
      RUNS_PER_BATCH,
      Math.max(0, maxCount),
    );
    for (const { id } of rows) ids.add(Number(id));
  }
  for (const id of ids) moveToTrash(db, id);
  return ids.size;
}

/**
 * Deletes some events of runs that are gone; false when there is none left. The newest row of all stays: rows count
 * up, and whoever looks for new ones must not miss one that got the number of a deleted one. Within a transaction.
 */
export function emptyTrash(db: Database): boolean {
  const run = db.get("SELECT min(run) AS run FROM trash")?.["run"];
  if (run === null || run === undefined) return false;
  const deleted = db.run(
    `DELETE FROM events WHERE id IN (SELECT id FROM events WHERE run = ? LIMIT ?)
     AND id < (SELECT max(id) FROM events)`,
    Number(run),
    EVENTS_PER_BATCH,
  );
  if (deleted === EVENTS_PER_BATCH) return true;
  if (db.get("SELECT 1 FROM events WHERE run = ?", Number(run)) === undefined) {
    db.run("DELETE FROM trash WHERE run = ?", Number(run));
    return true;
  }
  return deleted > 0;
}

/** Deletes keys whose time is over, and specs and dead owners that no run needs. Within a transaction. */
export function deleteLeftovers(
  db: Database,
  { now, dead }: { readonly now: number; readonly dead: readonly number[] },
): void {
  db.run("DELETE FROM idempotency_keys WHERE expires_at <= ?", now);
  db.run("DELETE FROM specs WHERE NOT EXISTS (SELECT 1 FROM runs WHERE runs.spec = specs.id)");
  for (const id of dead) {
    db.run(
      "DELETE FROM owners WHERE id = ? AND NOT EXISTS (SELECT 1 FROM runs WHERE owner = owners.id)",
      id,
    );
  }
}

function moveToTrash(db: Database, id: number): void {
  db.run("DELETE FROM runs WHERE id = ?", id);
  db.run("DELETE FROM run_values WHERE run = ?", id);
  db.run("INSERT INTO trash (run) VALUES (?)", id);
}
