import type { WorkflowSpec } from "../../spec/mod.ts";
import { cancelledInQueue } from "../cancelled_in_queue.ts";
import { isOver, UNFINISHED } from "../is_over.ts";
import type { Lease, Owner, StoredRun } from "../records.ts";
import type { RunStatus } from "../../executor/mod.ts";
import type { Database } from "./database.ts";
import { updateRun, writeEvents } from "./events.ts";
import type { NumberedOwner, Owners } from "./owners.ts";
import { getRun } from "./runs.ts";

const STATES = UNFINISHED.map((state) => `'${state}'`).join(", ");

/** Numbers of owners whose process is gone. They never come back, so it may be asked before the transaction. */
export async function deadOwners(
  owners: readonly NumberedOwner[],
  isAlive: (owner: Owner) => Promise<boolean>,
): Promise<ReadonlySet<number>> {
  const dead = new Set<number>();
  for (const { number, owner } of owners) {
    if (!await isAlive(owner)) dead.add(number);
  }
  return dead;
}

/** What to claim. */
export interface Claim {
  readonly owner: Owner;
  readonly dead: ReadonlySet<number>;
  readonly workflowKey?: string | undefined;
  readonly runId?: string | undefined;
  readonly limit: number;
}

/** Takes runs that nobody owns or that a dead engine owns, oldest first. Within a transaction. */
export function claimRuns(
  db: Database,
  owners: Owners,
  { owner, dead, workflowKey, runId, limit }: Claim,
): readonly { readonly run: StoredRun; readonly lease: Lease }[] {
  const where = [
    `status IN (${STATES})`,
    "(owner IS NULL OR owner IN (SELECT value FROM json_each(?)))",
    ...workflowKey === undefined ? [] : ["workflow_key = ?"],
    ...runId === undefined ? [] : ["run_id = ?"],
  ];
  const rows = db.all(
    `SELECT id, run_id, token FROM runs WHERE ${
      where.join(" AND ")
    } ORDER BY created_at, run_id LIMIT ?`,
    JSON.stringify([...dead]),
    ...workflowKey === undefined ? [] : [workflowKey],
    ...runId === undefined ? [] : [runId],
    Math.max(0, limit),
  );
  const specs = new Map<number, WorkflowSpec>();
  const number = rows.length === 0 ? 0 : owners.numberOf(owner);
  return rows.flatMap((row) => {
    const token = Number(row["token"]) + 1;
    db.run("UPDATE runs SET owner = ?, token = ? WHERE id = ?", number, token, Number(row["id"]));
    const run = getRun(db, String(row["run_id"]), specs);
    return run === undefined
      ? []
      : [{ run, lease: { runId: run.runId, ownerId: owner.id, token } }];
  });
}

/** Which of these runs the owner does not own. */
export function notOwned(
  db: Database,
  owner: number | undefined,
  runIds: readonly string[],
): string[] {
  return runIds.filter((runId) =>
    owner === undefined ||
    db.get("SELECT 1 FROM runs WHERE run_id = ? AND owner = ?", runId, owner) === undefined
  );
}

/** Leaves a run without an owner, if the lease still counts. Within a transaction. */
export function releaseRun(db: Database, owner: number | undefined, lease: Lease): void {
  if (owner === undefined) return;
  db.run(
    "UPDATE runs SET owner = NULL WHERE run_id = ? AND owner = ? AND token = ?",
    lease.runId,
    owner,
    lease.token,
  );
}

/** What came of a request to cancel a run. */
export type CancelOutcome = "over" | "requested" | "cancelled";

/** Marks a run for its owner, or ends it when it waits and no engine lives that would. Within a transaction. */
export function requestCancel(
  db: Database,
  runId: string,
  { dead, now }: { readonly dead: ReadonlySet<number>; readonly now: number },
): CancelOutcome {
  const row = db.get("SELECT id, status, owner, last_seq FROM runs WHERE run_id = ?", runId);
  const status = row?.["status"] as RunStatus | undefined;
  if (row === undefined || status === undefined || isOver(status)) return "over";
  const run = Number(row["id"]);
  db.run("UPDATE runs SET cancel_requested = 1 WHERE id = ?", run);
  const hasOwner = row["owner"] !== null && !dead.has(Number(row["owner"]));
  if (status !== "queued" || hasOwner) return "requested";
  const { event, update } = cancelledInQueue({ runId, lastSeq: Number(row["last_seq"]) }, now);
  writeEvents(db, run, [event]);
  db.run("UPDATE runs SET last_seq = ? WHERE id = ?", event.seq, run);
  updateRun(db, run, update, now);
  return "cancelled";
}

/** Runs of an owner that somebody wants cancelled. */
export function cancelRequests(db: Database, owner: number | undefined): readonly string[] {
  if (owner === undefined) return [];
  return db.all("SELECT run_id FROM runs WHERE owner = ? AND cancel_requested = 1", owner)
    .map((row) => String(row["run_id"]));
}
