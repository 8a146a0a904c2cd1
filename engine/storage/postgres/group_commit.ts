import { CodedError } from "../../errors/mod.ts";
import { eventGap } from "../event_gap.ts";
import { leaseLost } from "../lease_lost.ts";
import type { Append } from "../records.ts";
import { AppendBatch, type PendingAppend } from "./append_batch.ts";
import { type Database, isDoubtful } from "./database.ts";

/** Batches on their way at a time. Two keep the server busy while the next is gathered; more only split it. */
const MAX_IN_FLIGHT = 2;

/**
 * Gathers appends of one turn of the event loop into one statement. While the server is busy the next batch
 * grows by itself. Batches on their way at one time have no run in common, so appends of a run keep their order.
 */
export class GroupCommit {
  readonly #db: Database;
  readonly #feedId: string;
  readonly #onStored: (runIds: readonly string[]) => void;
  #waiting: PendingAppend[] = [];
  readonly #busy = new Set<string>();
  /** Runs with an append whose answer was lost; the next one may be the same again. */
  readonly #doubtful = new Set<string>();
  #inFlight = 0;
  #isScheduled = false;

  constructor(
    db: Database,
    options: {
      readonly feedId: string;
      readonly onStored: (runIds: readonly string[]) => void;
    },
  ) {
    this.#db = db;
    this.#feedId = options.feedId;
    this.#onStored = options.onStored;
  }

  /** Resolves when the events are committed. */
  add(append: Append): Promise<void> {
    const { events } = append;
    const isUnordered = events.some((event, index) => event.seq !== (events[0]?.seq ?? 0) + index);
    if (isUnordered) return Promise.reject(eventGap(append, (events[0]?.seq ?? 1) - 1));
    const texts = events.map((event) => JSON.stringify(event));
    const size = texts.reduce((sum, text) => sum + text.length, 0);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ append, texts, size, resolve, reject });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#isScheduled || this.#inFlight >= MAX_IN_FLIGHT) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#send();
    });
  }

  #send(): void {
    const batch = new AppendBatch();
    const passed = new Set(this.#busy);
    const rest: PendingAppend[] = [];
    for (const pending of this.#waiting) {
      const { runId } = pending.append.lease;
      if (!passed.has(runId) && batch.add(pending)) continue;
      passed.add(runId);
      rest.push(pending);
    }
    if (batch.runIds.length === 0) return;
    this.#waiting = rest;
    this.#inFlight++;
    for (const runId of batch.runIds) this.#busy.add(runId);
    this.#commit(batch).finally(() => {
      this.#inFlight--;
      for (const runId of batch.runIds) this.#busy.delete(runId);
      if (this.#waiting.length > 0) this.#schedule();
    });
    if (rest.length > 0) this.#schedule();
  }

  async #commit(batch: AppendBatch): Promise<void> {
    const { schema } = this.#db.address;
    const { runIds } = batch;
    try {
      const rows = await this.#db.query((isRepeat) =>
        batch.statement(schema, {
          feedId: this.#feedId,
          repeats: isRepeat ? new Set(runIds) : this.#doubtful,
        })
      );
      for (const runId of runIds) this.#doubtful.delete(runId);
      const outcomes = batch.outcomes(rows);
      this.#onStored(runIds.filter((runId) => outcomes.get(runId)?.status === "done"));
      for (const { lease, appends } of batch.entries) {
        const outcome = outcomes.get(lease.runId) ?? { status: "lost" };
        for (const { append, resolve, reject } of appends) {
          if (outcome.status === "done") resolve();
          else if (outcome.status === "lost") reject(leaseLost(lease));
          else reject(eventGap(append, outcome.lastSeq));
        }
      }
    } catch (error) {
      if (isDoubtful(error)) { for (const runId of runIds) this.#doubtful.add(runId); }
      const failure = error instanceof Error ? error : new CodedError("INTERNAL", String(error));
      for (const { appends } of batch.entries) for (const { reject } of appends) reject(failure);
    }
  }
}
