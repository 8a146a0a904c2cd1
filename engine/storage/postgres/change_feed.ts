import type { Clock } from "../../clock/mod.ts";
import type { Database } from "./database.ts";
import { arrayOf } from "./database.ts";

/** The server takes 8000 bytes in one notification. */
const MAX_PAYLOAD = 7_900;
/** Between two looks for what no notification told of. */
const POLL_MS = 5_000;
/** Transactions that commit out of order are not overlooked when they are shorter than that. */
const OVERLAP_MS = 2_000;

/** Payloads that tell of these runs, as many as it takes. Who tells comes first, and does not listen to himself. */
export function notifications(feedId: string, runIds: readonly string[]): readonly string[] {
  const payloads: string[] = [];
  let payload = feedId;
  for (const runId of runIds) {
    if (payload.length + 1 + runId.length > MAX_PAYLOAD) {
      payloads.push(payload);
      payload = feedId;
    }
    payload += ` ${runId}`;
  }
  payloads.push(payload);
  return payloads;
}

/**
 * Tells of runs that changed: our own at once, those of other engines by LISTEN/NOTIFY. A look at the newest
 * events, and at what is to be cancelled, finds what was told to nobody: every few seconds, and after the
 * connection came back.
 */
export class ChangeFeed implements AsyncDisposable {
  /** Names this feed in notifications. */
  readonly id: string = crypto.randomUUID().slice(0, 8);
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #listeners = new Set<(runId: string) => void>();
  #connection: AsyncDisposable | undefined;
  #isClosed = false;
  /** Time of the server up to which everything was told. */
  #told: string | undefined;
  #cancelPoll = () => {};
  #polling: Promise<void> | undefined;
  /** A look was asked for while one was under way, which may have come too early. */
  #isPollDue = false;

  constructor(db: Database, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  /** Calls back for each run that changes from now on. The first listener opens the connection. */
  listen(listener: (runId: string) => void): () => void {
    const own = (runId: string) => listener(runId);
    if (this.#listeners.size === 0) this.#told = undefined;
    this.#listeners.add(own);
    if (!this.#isClosed) this.#open();
    return () => {
      this.#listeners.delete(own);
      if (this.#listeners.size === 0) this.#cancelPoll();
    };
  }

  /** What this engine itself has just stored. */
  tell(runIds: readonly string[]): void {
    for (const runId of runIds) for (const listener of this.#listeners) listener(runId);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#listeners.clear();
    this.#cancelPoll();
    await this.#connection?.[Symbol.asyncDispose]();
    await this.#polling;
  }

  #open(): void {
    this.#poll();
    if (this.#connection !== undefined) return;
    this.#connection = this.#db.listen(`${this.#db.address.schema}_runs`, {
      tell: (payload) => {
        const [from, ...runIds] = payload.split(" ");
        if (from !== this.id) this.tell(runIds);
      },
      open: () => this.#poll(),
    });
  }

  #pollLater(): void {
    this.#cancelPoll();
    if (this.#isClosed || this.#listeners.size === 0) return;
    this.#cancelPoll = this.#clock.after(POLL_MS, () => this.#poll());
  }

  #poll(): void {
    this.#cancelPoll();
    if (this.#isClosed) return;
    if (this.#polling !== undefined) {
      this.#isPollDue = true;
      return;
    }
    this.#polling = this.#look().finally(() => {
      this.#polling = undefined;
      if (this.#isPollDue) {
        this.#isPollDue = false;
        return this.#poll();
      }
      this.#pollLater();
    });
  }

  async #look(): Promise<void> {
    const { schema } = this.#db.address;
    try {
      const rows = await this.#db.query({
        text: `SELECT clock_timestamp()::text AS now, (
            SELECT string_agg(DISTINCT run_id, ' ') FROM (
              SELECT run_id FROM ${schema}.events WHERE stored_at >
                coalesce($1::timestamptz, clock_timestamp()) - $2::int * interval '1 ms'
              UNION ALL
              SELECT run_id FROM ${schema}.runs
              WHERE cancel_requested AND status IN ('queued', 'running', 'interrupted')
            ) AS changed
          ) AS run_ids`,
        values: [this.#told ?? null, OVERLAP_MS],
      }, 0);
      const runIds = rows[0]?.["run_ids"];
      if (typeof runIds === "string") this.tell(runIds.split(" "));
      this.#told = String(rows[0]?.["now"]);
    } catch {
      // the server is away; the next look finds what this one missed
    }
  }
}

/** A statement of its own that tells others of runs. */
export function notifyStatement(
  schema: string,
  feedId: string,
  runIds: readonly string[],
): { readonly text: string; readonly values: readonly string[] } {
  return {
    text: "SELECT count(*) FROM (SELECT pg_notify($1, p) FROM unnest($2::text[]) AS p) AS told",
    values: [`${schema}_runs`, arrayOf(notifications(feedId, runIds))],
  };
}
