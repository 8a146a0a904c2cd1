import type { Clock } from "../../clock/mod.ts";
import { PdError } from "../../errors/mod.ts";
import type { Database } from "./database.ts";
import { isBusy, toStorageError, unavailable } from "./failure.ts";

/** A transaction holds up everything else in the engine no longer than about this; the rest follows in the next. */
const MAX_TURN_MS = 10;
/** So many runs go on before a commit waits for the writes of others. */
const MIN_RUNS_TO_GATHER = 8;
/** So many writes are worth a commit of their own. */
const ENOUGH_WRITES = 8;
/** While many runs go on, commits of few writes are so far apart: each costs more than ten writes do. */
const GATHER_MS = 1;
/** How long another process may write before we give up. */
export const MAX_WAIT_MS = 5_000;
/** How long a wait for it is. */
export const WAIT_STEP_MS = 2;

interface Write {
  readonly work: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gathers the writes of one turn of the event loop into one transaction, in the order in which they were asked
 * for. A write that is refused (a `PdError`, thrown before it has changed anything) fails alone; when the
 * storage itself fails, the whole transaction is rolled back.
 */
export class GroupCommit {
  readonly #db: Database;
  readonly #clock: Clock;
  #waiting: Write[] = [];
  #isScheduled = false;
  #committedAtMs = -Infinity;
  #stopGathering: (() => void) | undefined;
  #busySinceMs: number | undefined;
  #closing: PromiseWithResolvers<void> | undefined;
  readonly #onRollback: () => void;
  readonly #activeRuns: () => number;

  /**
   * @param options.onRollback what was remembered of the transaction must be forgotten
   * @param options.activeRuns how many runs are being written
   */
  constructor(
    db: Database,
    { clock, onRollback, activeRuns = () => 0 }: {
      readonly clock: Clock;
      readonly onRollback: () => void;
      readonly activeRuns?: () => number;
    },
  ) {
    this.#db = db;
    this.#clock = clock;
    this.#onRollback = onRollback;
    this.#activeRuns = activeRuns;
  }

  /** Resolves to what `work` returned once that is committed. `work` may be called again after a rollback. */
  write<T>(work: () => T): Promise<T> {
    if (!this.#db.isOpen || this.#closing !== undefined) {
      return Promise.reject(unavailable(this.#db.path, "it is closed"));
    }
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ work, resolve: (value) => resolve(value as T), reject });
      this.#schedule();
      if (this.#waiting.length >= ENOUGH_WRITES) this.#hurry();
    });
  }

  /** Commits what waits; later writes are refused. */
  close(): Promise<void> {
    if (this.#closing === undefined) {
      this.#closing = Promise.withResolvers();
      if (this.#waiting.length === 0) this.#closing.resolve();
      else this.#hurry();
    }
    return this.#closing.promise;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      if (this.#mayGather()) this.#gather();
      else this.#flush();
    });
  }

  /** Whether the writes of other runs will be here in a moment. */
  #mayGather(): boolean {
    return this.#closing === undefined && this.#waiting.length < ENOUGH_WRITES &&
      this.#activeRuns() >= MIN_RUNS_TO_GATHER &&
      this.#clock.monotonic() - this.#committedAtMs < GATHER_MS;
  }

  #gather(): void {
    this.#stopGathering = this.#clock.after(GATHER_MS, () => this.#flush());
  }

  /** Writes no longer wait for others: there are enough, or no more to come. */
  #hurry(): void {
    if (this.#stopGathering === undefined) return;
    this.#stopGathering();
    this.#stopGathering = undefined;
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#isScheduled = false;
    this.#stopGathering = undefined;
    const writes = this.#waiting;
    this.#waiting = [];
    try {
      this.#db.begin();
    } catch (error) {
      if (isBusy(error) && this.#mayWait()) return this.#retry(writes);
      this.#busySinceMs = undefined;
      this.#rejectAll(writes, error);
      return this.#next();
    }
    this.#busySinceMs = undefined;
    this.#commit(writes);
    this.#next();
  }

  /** Runs the writes in the transaction that has begun. */
  #commit(writes: readonly Write[]): void {
    const startedMs = performance.now();
    const settle: (() => void)[] = [];
    let done = 0;
    try {
      for (const { work, resolve, reject } of writes) {
        done++;
        try {
          const value = work();
          settle.push(() => resolve(value));
        } catch (error) {
          if (!(error instanceof PdError)) throw error;
          settle.push(() => reject(error));
        }
        if ((done & 15) === 0 && performance.now() - startedMs > MAX_TURN_MS) break;
      }
      this.#db.commit();
      this.#committedAtMs = this.#clock.monotonic();
    } catch (error) {
      this.#db.rollback();
      this.#onRollback();
      this.#later(writes.slice(done));
      return this.#fail(writes.slice(0, done), error);
    }
    this.#later(writes.slice(done));
    for (const one of settle) one();
  }

  /** What is wrong with the storage is wrong for all; what is wrong with one write shall not fail the others. */
  #fail(writes: readonly Write[], error: unknown): void {
    const reason = toStorageError(error, this.#db.path);
    if (reason instanceof PdError || writes.length === 1) return this.#rejectAll(writes, reason);
    for (const write of writes) {
      try {
        this.#db.begin();
      } catch (error) {
        this.#rejectAll([write], error);
        continue;
      }
      this.#commit([write]);
    }
  }

  #later(writes: readonly Write[]): void {
    if (writes.length > 0) this.#waiting = [...writes, ...this.#waiting];
  }

  #next(): void {
    if (this.#waiting.length > 0) this.#schedule();
    else this.#closing?.resolve();
  }

  #mayWait(): boolean {
    const now = this.#clock.monotonic();
    this.#busySinceMs ??= now;
    return now - this.#busySinceMs < MAX_WAIT_MS;
  }

  /** Waits without holding up the engine. */
  #retry(writes: readonly Write[]): void {
    this.#later(writes);
    this.#isScheduled = true;
    this.#clock.after(WAIT_STEP_MS, () => this.#flush());
  }

  #rejectAll(writes: readonly Write[], error: unknown): void {
    const reason = toStorageError(error, this.#db.path);
    for (const { reject } of writes) reject(reason);
  }
}
