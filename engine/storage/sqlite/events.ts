import type { RunEvent } from "../../executor/mod.ts";
import { eventGap, followsOn } from "../event_gap.ts";
import { isOver } from "../is_over.ts";
import { leaseLost } from "../lease_lost.ts";
import type { Append, RunUpdate } from "../records.ts";
import type { Database } from "./database.ts";
import type { Owners } from "./owners.ts";
import { parse } from "./rows.ts";

const ALL = -1;

/**
 * Appends events and updates their run. Everything is checked before anything is written. Within a transaction.
 *
 * @throws {StorageError} `LEASE_LOST`
 */
export function append(db: Database, owners: Owners, request: Append & { now: number }): void {
  const { lease, events, update } = request;
  const row = db.get("SELECT id, owner, token, last_seq FROM runs WHERE run_id = ?", lease.runId);
  if (
    row === undefined || row["owner"] === null || row["token"] !== lease.token ||
    row["owner"] !== owners.find(lease.ownerId)
  ) {
    throw leaseLost(lease);
  }
  const [run, lastSeq] = [Number(row["id"]), Number(row["last_seq"])];
  if (!followsOn(request, lastSeq)) throw eventGap(request, lastSeq);
  if (events.length > 0) writeEvents(db, run, events);
  if (update !== undefined) updateRun(db, run, update, request.now);
}

/** Adds events behind those of a run. */
export function writeEvents(db: Database, run: number, events: readonly RunEvent[]): void {
  let last = 0;
  for (const event of events) {
    const { runId: _, seq, at, ...body } = event;
    db.run(
      "INSERT INTO events (run, seq, at, body) VALUES (?, ?, ?, ?)",
      run,
      seq,
      at,
      JSON.stringify(body),
    );
    last = seq;
  }
  db.run("UPDATE runs SET last_seq = ? WHERE id = ?", last, run);
}

/** Changes a run. One that is over loses its owner, and nobody writes it any more. */
export function updateRun(db: Database, run: number, update: RunUpdate, now: number): void {
  const { status, startedAt, completedAt, error } = update;
  const hasEnded = status !== undefined && isOver(status);
  if (status !== undefined) {
    db.run("UPDATE runs SET status = ? WHERE id = ? AND status <> ?", status, run, status);
  }
  if (startedAt !== undefined) {
    db.run("UPDATE runs SET started_at = ? WHERE id = ?", startedAt, run);
  }
  if (error !== undefined) db.run("UPDATE runs SET error = ? WHERE id = ?", error, run);
  if (hasEnded) {
    db.run("UPDATE runs SET completed_at = ?, owner = NULL WHERE id = ?", completedAt ?? now, run);
  } else if (completedAt !== undefined) {
    db.run("UPDATE runs SET completed_at = ? WHERE id = ?", completedAt, run);
  }
}

/** Events of a run after `afterSeq`, in order. */
export function readEvents(
  db: Database,
  runId: string,
  { afterSeq, limit = ALL }: { readonly afterSeq: number; readonly limit?: number | undefined },
): readonly RunEvent[] {
  return db.all(
    `SELECT seq, at, body FROM events
     WHERE run = (SELECT id FROM runs WHERE run_id = ?) AND seq > ? ORDER BY seq LIMIT ?`,
    runId,
    afterSeq,
    limit,
  ).map((row) => ({
    runId,
    seq: Number(row["seq"]),
    at: Number(row["at"]),
    ...parse(db, row["body"]) as object,
  } as RunEvent));
}
