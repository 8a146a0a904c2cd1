import type { PdError } from "../../errors/mod.ts";
import type { RunEvent } from "../../executor/mod.ts";
import { eventGap, followsOn } from "../event_gap.ts";
import { isOver } from "../is_over.ts";
import { leaseLost } from "../lease_lost.ts";
import type { Append, RunUpdate } from "../records.ts";
import type { Database } from "./database.ts";
import type { Owners } from "./owners.ts";
import { parse, quoted } from "./rows.ts";

const ALL = -1;

/** Numbers of rows of runs that we write: found once, as a run gets many appends. */
export type RowNumbers = Map<string, number>;

/**
 * Appends events and updates their run. The run's row is changed first and only if the lease still counts, so
 * that nothing is written otherwise. Within a transaction.
 *
 * @throws {StorageError} `LEASE_LOST`
 */
export function append(
  db: Database,
  { owners, numbers }: { readonly owners: Owners; readonly numbers: RowNumbers },
  request: Append & { readonly now: number },
): void {
  const { lease, events, update } = request;
  const run = numbers.get(lease.runId) ?? rowNumber(db, lease.runId);
  const owner = owners.find(lease.ownerId);
  if (run === undefined || owner === undefined) throw leaseLost(lease);
  const lastSeq = (events[0]?.seq ?? 0) - 1;
  const isOwned = !followsOn(request, lastSeq) ? false : events.length === 0
    ? db.get(
      "SELECT 1 FROM runs WHERE id = ? AND owner = ? AND token = ?",
      run,
      owner,
      lease.token,
    ) !==
      undefined
    : db.run(
      "UPDATE runs SET last_seq = ? WHERE id = ? AND owner = ? AND token = ? AND last_seq = ?",
      lastSeq + events.length,
      run,
      owner,
      lease.token,
      lastSeq,
    ) === 1;
  if (!isOwned) {
    numbers.delete(lease.runId);
    throw refusal(db, { run, owner, request });
  }
  writeEvents(db, run, events);
  if (update !== undefined) updateRun(db, run, update, request.now);
  if (update?.status !== undefined && isOver(update.status)) numbers.delete(lease.runId);
  else numbers.set(lease.runId, run);
}

function rowNumber(db: Database, runId: string): number | undefined {
  const row = db.get("SELECT id FROM runs WHERE run_id = ?", runId);
  return row === undefined ? undefined : Number(row["id"]);
}

/** Why an append was not taken. */
function refusal(
  db: Database,
  { run, owner, request }: {
    readonly run: number;
    readonly owner: number;
    readonly request: Append;
  },
): PdError {
  const row = db.get(
    "SELECT last_seq FROM runs WHERE id = ? AND owner = ? AND token = ?",
    run,
    owner,
    request.lease.token,
  );
  return row === undefined ? leaseLost(request.lease) : eventGap(request, Number(row["last_seq"]));
}

/** Adds events behind those of a run, whose `last_seq` is somebody else's matter. */
export function writeEvents(db: Database, run: number, events: readonly RunEvent[]): void {
  for (const event of events) {
    const { runId: _, seq, at, ...body } = event;
    db.run(
      "INSERT INTO events (run, seq, at, body) VALUES (?, ?, ?, ?)",
      run,
      seq,
      at,
      JSON.stringify(body),
    );
  }
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
  if (error !== undefined) db.run("UPDATE runs SET error = ? WHERE id = ?", quoted(error), run);
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
