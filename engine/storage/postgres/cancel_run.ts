import { cancelledInQueue } from "../cancelled_in_queue.ts";
import { type ChangeFeed, notifyStatement } from "./change_feed.ts";
import type { Owner } from "../records.ts";
import type { Database } from "./database.ts";
import { quoted } from "./rows.ts";

/** Asks for a run's end, and ends it when it waits and nobody is there to do so. False when it is over or unknown. */
export async function cancelRun(
  db: Database,
  runId: string,
  { feed, now }: { readonly feed: ChangeFeed; readonly now: number },
): Promise<boolean> {
  const { schema: s } = db.address;
  const [row] = await db.query({
    text: `UPDATE ${s}.runs r SET cancel_requested = true
      WHERE run_id = $1 AND status IN ('queued', 'running', 'interrupted')
      RETURNING status, token, last_seq, EXISTS (
        SELECT FROM ${s}.owners o WHERE o.owner_id = r.owner_id AND o.lease_until > clock_timestamp()
      ) AS is_owned`,
    values: [runId],
  });
  if (row === undefined) return false;
  if (row["status"] === "queued" && row["is_owned"] !== true) {
    const lastSeq = Number(row["last_seq"]);
    const { event, update } = cancelledInQueue({ runId, lastSeq }, now);
    // A new token: an owner of the past must not begin what is over.
    await db.query({
      text: `WITH ended AS (
          UPDATE ${s}.runs SET status = $4, completed_at = $5::bigint, error = $6, last_seq = last_seq + 1,
            token = token + 1, owner_id = NULL, owner = NULL
          WHERE run_id = $1 AND token = $2::bigint AND last_seq = $3::int AND status = 'queued'
          RETURNING run_id, last_seq
        )
        INSERT INTO ${s}.events (run_id, seq, event) SELECT run_id, last_seq, $7 FROM ended`,
      values: [
        runId,
        Number(row["token"]),
        lastSeq,
        update.status,
        update.completedAt,
        quoted(update.error),
        JSON.stringify(event),
      ],
    });
  }
  await db.query(notifyStatement(s, feed.id, [runId]));
  feed.tell([runId]);
  return true;
}

/** Runs of an owner whose end was asked for. */
export async function cancelRequests(db: Database, owner: Owner): Promise<readonly string[]> {
  const rows = await db.query({
    text: `SELECT run_id FROM ${db.address.schema}.runs
      WHERE owner_id = $1 AND cancel_requested ORDER BY run_id`,
    values: [owner.id],
  });
  return rows.map((row) => String(row["run_id"]));
}
