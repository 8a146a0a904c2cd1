import type { Clock } from "../clock/mod.ts";
import type { RunEvent, RunEventBody } from "../executor/mod.ts";
import {
  type Lease,
  type Owner,
  type RunUpdate,
  type Storage,
  StorageError,
  type StorageErrorCode,
} from "../storage/mod.ts";
import { LogBudget } from "./log_budget.ts";
import { storedBody, type Views } from "./two_views.ts";

/** How long a run waits for a storage that does not answer, unless told otherwise. */
export const DEFAULT_PATIENCE_MS = 60_000;

const FIRST_RETRY_MS = 50;
const MAX_RETRY_MS = 2_000;

/** What a writer works with. */
export interface EventWriterOptions extends Views {
  readonly storage: Storage;
  readonly lease: Lease;
  readonly owner: Owner;
  readonly clock: Clock;
  /** Nodes whose output is kept whole, as far as there is room. */
  readonly wholeOutput?: ReadonlySet<string>;
  /** Sequence number of the last event that is stored already. */
  readonly lastSeq: number;
  /** How long a storage that is out of reach is waited for. */
  readonly patienceMs: number;
  /** Takes events as they may be seen, once they are stored. */
  onStored(shown: readonly RunEvent[]): void;
  /** The storage will take nothing more of this run. Called once. */
  onFailed(error: Error): void;
}

/** Events that go to the storage together. */
interface Batch {
  readonly stored: RunEvent[];
  readonly shown: RunEvent[];
  update: RunUpdate | undefined;
  done: PromiseWithResolvers<void> | undefined;
}

/**
 * Writes the events of one run to the storage, in order: numbers them, makes both views, and hands on what
 * comes while a write is on its way with the next one. When the storage is out of reach it tries again for
 * a while; after any other failure nothing is written any more.
 */
export class EventWriter {
  readonly #options: EventWriterOptions;
  readonly #budget: LogBudget;
  #seq: number;
  #next: Batch | undefined;
  #pump: Promise<void> | undefined;
  #failure: { readonly error: Error } | undefined;
  #sealed = false;

  constructor(options: EventWriterOptions) {
    this.#options = options;
    this.#seq = options.lastSeq;
    this.#budget = new LogBudget(options.wholeOutput);
  }

  /** Why nothing is written any more. */
  get failure(): Error | undefined {
    return this.#failure?.error;
  }

  /**
   * Adds an event; the promise resolves when it is stored, and with it everything before. Nothing depends
   * on a line of a log, so it has no promise.
   */
  add(body: RunEventBody, update?: RunUpdate): Promise<void> | undefined {
    if (this.#failure !== undefined) return Promise.reject(this.#failure.error);
    const shown = this.#options.redactor.event(body);
    if (shown.kind === "log") {
      if (this.#budget.take(shown)) this.#put(shown, shown, undefined);
      return undefined;
    }
    if (update?.completedAt !== undefined) {
      for (const line of this.#budget.report()) this.#put(line, line, undefined);
    }
    const batch = this.#put(storedBody(body, shown, this.#options), shown, update);
    return this.#promiseOf(batch);
  }

  /** Changes the run without an event. */
  update(update: RunUpdate): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure.error);
    const batch = this.#batch();
    batch.update = { ...batch.update, ...update };
    return this.#promiseOf(batch);
  }

  /** From here on a storage that is out of reach is not waited for. */
  seal(): void {
    this.#sealed = true;
  }

  /** Writes nothing more: the run is no longer this engine's. */
  abandon(error: Error): void {
    this.#fail(error);
  }

  /** Resolves when everything added is stored, or nothing will be any more. */
  async settle(): Promise<void> {
    while (this.#pump !== undefined) await this.#pump;
  }

  #put(stored: RunEventBody, shown: RunEventBody, update: RunUpdate | undefined): Batch {
    const batch = this.#batch();
    const place = {
      runId: this.#options.lease.runId,
      seq: ++this.#seq,
      at: this.#options.clock.now(),
    };
    const event: RunEvent = { ...place, ...shown };
    batch.shown.push(event);
    batch.stored.push(stored === shown ? event : { ...place, ...stored });
    if (update !== undefined) batch.update = { ...batch.update, ...update };
    return batch;
  }

  #batch(): Batch {
    this.#pump ??= this.#write();
    return this.#next ??= { stored: [], shown: [], update: undefined, done: undefined };
  }

  #promiseOf(batch: Batch): Promise<void> {
    if (batch.done === undefined) {
      batch.done = Promise.withResolvers();
      // Whoever asked may have given up waiting.
      batch.done.promise.catch(() => {});
    }
    return batch.done.promise;
  }

  async #write(): Promise<void> {
    // What one turn of the event loop adds is written in one go: the end of a node and the start of the next.
    await new Promise<void>((resolve) => setImmediate(resolve));
    for (let batch = this.#take(); batch !== undefined; batch = this.#take()) {
      try {
        await this.#append(batch);
        this.#options.onStored(batch.shown);
        batch.done?.resolve();
      } catch (error) {
        batch.done?.reject(error);
        this.#fail(error as Error);
      }
    }
    this.#pump = undefined;
  }

  #take(): Batch | undefined {
    const batch = this.#next;
    this.#next = undefined;
    return batch;
  }

  #fail(error: Error): void {
    const isFirst = this.#failure === undefined;
    this.#failure ??= { error };
    this.#take()?.done?.reject(error);
    if (isFirst) this.#options.onFailed(error);
  }

  async #append({ stored, update }: Batch): Promise<void> {
    const { storage, lease, clock, patienceMs } = this.#options;
    const append = { lease, events: stored, ...update === undefined ? {} : { update } };
    const giveUpAt = clock.monotonic() + patienceMs;
    let hasRenewed = false;
    for (let delayMs = FIRST_RETRY_MS;; delayMs = Math.min(delayMs * 2, MAX_RETRY_MS)) {
      try {
        return await storage.append(append);
      } catch (error) {
        if (isCode(error, "LEASE_LOST")) {
          if (hasRenewed || !await this.#renew()) throw error;
          hasRenewed = true;
          continue;
        }
        if (!isCode(error, "STORAGE_UNAVAILABLE")) throw error;
        if (this.#sealed || clock.monotonic() + delayMs > giveUpAt) throw error;
      }
      await new Promise<void>((resolve) => clock.after(delayMs, resolve));
      if (await this.#isStored(stored)) return;
    }
  }

  /** A lease that ran out while nobody looked is still ours when nobody took the run: its token tells. */
  async #renew(): Promise<boolean> {
    const { storage, owner, lease: { runId } } = this.#options;
    try {
      return !(await storage.renewLeases(owner, [runId])).includes(runId);
    } catch {
      return false;
    }
  }

  /** A write that failed may have happened all the same: the answer was lost on its way. */
  async #isStored(events: readonly RunEvent[]): Promise<boolean> {
    const last = events.at(-1)?.seq;
    if (last === undefined) return false;
    try {
      const run = await this.#options.storage.getRun(this.#options.lease.runId);
      return run !== undefined && run.lastSeq >= last;
    } catch (error) {
      if (isCode(error, "STORAGE_UNAVAILABLE")) return false;
      throw error;
    }
  }
}

function isCode(error: unknown, code: StorageErrorCode): boolean {
  return error instanceof StorageError && error.code === code;
}
