import type { Clock } from "../clock/mod.ts";
import type { RetentionConfig } from "../spec/mod.ts";
import type { Storage } from "../storage/mod.ts";

const EVERY_MS = 60 * 60 * 1000;
/** Shorter periods are looked at as often as they are long, but no more often than this. */
const MIN_EVERY_MS = 10_000;
/** What a run's end has made too many goes so soon, with all others that end meanwhile. */
const AFTER_END_MS = 1_000;

/** What is kept, and where. */
export interface RetentionOptions {
  readonly storage: Storage;
  readonly workflowKey: string;
  readonly clock: Clock;
  config(): RetentionConfig;
}

/**
 * Deletes runs of a workflow that are over for longer than its `config.retention` says, and those beyond its count:
 * soon after a run's end where there is a count, when it is due where the period is short, at least hourly, or once
 * at the end.
 */
export class RetentionLoop implements AsyncDisposable {
  readonly #options: RetentionOptions;
  #disarm: (() => void) | undefined;
  #disarmSoon: (() => void) | undefined;
  #hasApplied = false;
  #isLongLived = false;
  /** Runs ended after the one that is waited for. */
  #hasMore = false;
  #applying: Promise<void> = Promise.resolve();

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  /** Begins to delete from time to time, for an engine that lives long. */
  start(): void {
    this.#isLongLived = true;
    const { clock, config } = this.#options;
    const everyMs = Math.min(EVERY_MS, Math.max(MIN_EVERY_MS, config().periodMs));
    this.#disarm?.();
    this.#disarm = clock.after(everyMs, () => {
      this.start();
      void this.#apply();
    });
  }

  /** What is kept may have changed. */
  configure(): void {
    if (!this.#isLongLived) return;
    this.start();
    if (this.#options.config().count !== undefined) this.ended();
  }

  /** A run has ended: there may be one too many now, or soon it has been kept for long enough. */
  ended(): void {
    const { clock, config } = this.#options;
    const { count, periodMs } = config();
    if (!this.#isLongLived || (count === undefined && periodMs >= EVERY_MS)) return;
    if (this.#disarmSoon !== undefined) {
      this.#hasMore ||= count === undefined;
      return;
    }
    const waitMs = count === undefined ? Math.max(AFTER_END_MS, periodMs + 10) : AFTER_END_MS;
    this.#disarmSoon = clock.after(waitMs, () => {
      this.#disarmSoon = undefined;
      void this.#apply();
      if (!this.#hasMore) return;
      this.#hasMore = false;
      this.ended();
    });
  }

  /** A short-lived process cleans up once, when its work is done. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isLongLived = false;
    this.#disarm?.();
    this.#disarmSoon?.();
    await this.#applying;
    if (!this.#hasApplied && this.#options.storage.kind !== "memory") await this.#apply();
  }

  #apply(): Promise<void> {
    this.#hasApplied = true;
    return this.#applying = this.#applying.then(() => this.#delete());
  }

  async #delete(): Promise<void> {
    const { storage, workflowKey, clock } = this.#options;
    const { periodMs, count } = this.#options.config();
    try {
      await storage.applyRetention({
        workflowKey,
        completedBefore: clock.now() - periodMs,
        maxCount: count,
      });
    } catch {
      // Out of reach, or full: the next time will do.
    }
  }
}
