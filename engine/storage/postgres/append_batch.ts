import type { RunEvent } from "../../executor/mod.ts";
import { isOver } from "../is_over.ts";
import type { Append, Lease, RunUpdate } from "../records.ts";
import { arrayOf, type Row, type Statement } from "./database.ts";
import { notifications } from "./change_feed.ts";
import { quoted } from "./rows.ts";

/** An append on its way: its events are text already. */
export interface PendingAppend {
  readonly append: Append;
  readonly texts: readonly string[];
  readonly size: number;
  resolve(): void;
  reject(error: unknown): void;
}

/** What one batch does to one run. */
interface Entry {
  readonly lease: Lease;
  readonly appends: PendingAppend[];
  readonly events: RunEvent[];
  readonly texts: string[];
  update: RunUpdate;
}

/** What the server says of one run of a batch. */
export type Outcome =
  | { readonly status: "done" }
  | { readonly status: "lost" }
  | { readonly status: "gap"; readonly lastSeq: number };

const MAX_EVENTS = 5_000;
const MAX_SIZE = 4 * 1024 * 1024;

/** Appends that are committed as one statement: any number of runs, each with one lease and events in order. */
export class AppendBatch {
  readonly #entries = new Map<string, Entry>();
  #events = 0;
  #size = 0;

  /** False when it has to wait for a later batch. */
  add(pending: PendingAppend): boolean {
    const { lease, events, update } = pending.append;
    const isFull = this.#events + events.length > MAX_EVENTS ||
      this.#size + pending.size > MAX_SIZE;
    if (isFull && this.#entries.size > 0) return false;
    const entry = this.#entries.get(lease.runId);
    if (entry === undefined) {
      this.#entries.set(lease.runId, {
        lease,
        appends: [pending],
        events: [...events],
        texts: [...pending.texts],
        update: { ...update },
      });
    } else {
      if (!follows(entry, pending.append)) return false;
      entry.appends.push(pending);
      entry.events.push(...events);
      entry.texts.push(...pending.texts);
      entry.update = { ...entry.update, ...update };
    }
    this.#events += events.length;
    this.#size += pending.size;
    return true;
  }

  get runIds(): readonly string[] {
    return [...this.#entries.keys()];
  }

  get entries(): Iterable<{ readonly lease: Lease; readonly appends: readonly PendingAppend[] }> {
    return this.#entries.values();
  }

  /**
   * The whole batch as one statement, which answers with a row per run whose lease holds. `repeats` are
   * runs whose events may be stored already: for them, events that are there are no error.
   */
  statement(
    schema: string,
    { feedId, repeats }: { readonly feedId: string; readonly repeats: ReadonlySet<string> },
  ): Statement {
    const entries = [...this.#entries.values()];
    const of = <T extends string | number | null | undefined>(read: (entry: Entry) => T) =>
      arrayOf(entries.map(read));
    const all = entries.flatMap(({ lease, events, texts }) =>
      events.map((event, index) => ({ runId: lease.runId, seq: event.seq, text: texts[index] }))
    );
    return {
      text: statementText(schema),
      values: [
        of(({ lease }) => lease.runId),
        of(({ lease }) => lease.ownerId),
        of(({ lease }) => lease.token),
        of(({ events }) => events[0]?.seq),
        of(({ events }) => events.at(-1)?.seq),
        arrayOf(entries.map(({ lease }) => repeats.has(lease.runId) ? "t" : "f")),
        of(({ update }) => update.status),
        of(({ update }) => update.startedAt),
        of(({ update }) => update.completedAt),
        of(({ update }) => quoted(update.error)),
        arrayOf(all.map(({ runId }) => runId)),
        arrayOf(all.map(({ seq }) => seq)),
        arrayOf(all.map(({ text }) => text)),
        `${schema}_runs`,
        arrayOf(notifications(feedId, this.runIds)),
      ],
    };
  }

  /** What became of each run, from the statement's rows. */
  outcomes(rows: readonly Row[]): ReadonlyMap<string, Outcome> {
    const outcomes = new Map<string, Outcome>();
    for (const row of rows) {
      outcomes.set(
        String(row["run_id"]),
        row["is_next"] === true
          ? { status: "done" }
          : { status: "gap", lastSeq: Number(row["last_seq"]) },
      );
    }
    return outcomes;
  }
}

function follows(entry: Entry, { lease, events }: Append): boolean {
  const { token, ownerId } = entry.lease;
  if (lease.token !== token || lease.ownerId !== ownerId) return false;
  if (entry.update.status !== undefined && isOver(entry.update.status)) return false;
  const [first] = events;
  const last = entry.events.at(-1);
  return first === undefined || last === undefined || first.seq === last.seq + 1;
}

/**
 * `held` locks the runs whose lease is good at this moment; a run that changes hands meanwhile is checked
 * again in its new state. A repetition whose events are all there changes nothing, even when it comes late:
 * what it wanted to change was changed together with its events.
 */
function statementText(s: string): string {
  const isThere = `(i.is_repeat AND
          coalesce(i.end_seq <= r.last_seq, r.owner_id IS NULL AND r.status = i.status))`;
  return `WITH input AS (
      SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::int[], $5::int[], $6::bool[],
        $7::text[], $8::bigint[], $9::bigint[], $10::text[])
        AS i(run_id, owner_id, token, first_seq, end_seq, is_repeat, status, started_at, completed_at, error)
    ), held AS MATERIALIZED (
      SELECT i.*, r.last_seq,
        ${isThere} AS is_there,
        i.first_seq IS NULL OR i.first_seq = r.last_seq + 1
          OR (i.is_repeat AND i.first_seq <= r.last_seq + 1) AS is_next
      FROM input i JOIN ${s}.runs r ON r.run_id = i.run_id
      WHERE r.token = i.token AND (
        ${isThere} OR (
          r.owner_id = i.owner_id AND EXISTS (
            SELECT FROM ${s}.owners o WHERE o.owner_id = i.owner_id AND o.lease_until > clock_timestamp()
          )
        )
      )
      ORDER BY r.run_id
      FOR UPDATE OF r
    ), updated AS (
      UPDATE ${s}.runs r SET
        last_seq = coalesce(h.end_seq, r.last_seq),
        status = coalesce(h.status, r.status),
        started_at = coalesce(h.started_at, r.started_at),
        completed_at = coalesce(h.completed_at, r.completed_at),
        error = coalesce(h.error, r.error),
        owner_id = CASE WHEN h.status IN ('succeeded', 'failed', 'cancelled') THEN NULL ELSE r.owner_id END,
        owner = CASE WHEN h.status IN ('succeeded', 'failed', 'cancelled') THEN NULL ELSE r.owner END
      FROM held h
      WHERE r.run_id = h.run_id AND h.is_next AND h.is_there IS NOT TRUE
    ), stored AS (
      INSERT INTO ${s}.events (run_id, seq, event)
      SELECT e.run_id, e.seq, e.event
      FROM unnest($11::text[], $12::int[], $13::text[]) AS e(run_id, seq, event)
      JOIN held h ON h.run_id = e.run_id
      WHERE h.is_next AND e.seq > h.last_seq
    )
    SELECT run_id, last_seq, is_next,
      (SELECT count(*) FROM (SELECT pg_notify($14, p) FROM unnest($15::text[]) AS p) AS told) AS told
    FROM held`;
}
