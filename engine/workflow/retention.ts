import type { Clock } from "../clock/mod.ts";
import type { RetentionConfig } from "../spec/mod.ts";
import type { Storage } from "../storage/mod.ts";

const EVERY_MS = 60 * 60 * 1000;

/** What is kept, and where. */
export interface RetentionOptions {
  readonly storage: Storage;
  readonly workflowKey: string;
  readonly clock: Clock;
  config(): RetentionConfig;
}

/** Deletes runs of a workflow that are over for longer than its `config.retention` says: hourly, or once at the end. */
export class RetentionLoop implements AsyncDisposable {
  readonly #options: RetentionOptions;
  #disarm: (() => void) | undefined;
  #hasApplied = false;

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  /** Begins to delete every hour, for an engine that lives long. */
  start(): void {
    this.#disarm ??= this.#options.clock.after(EVERY_MS, () => {
      this.#disarm = undefined;
      this.start();
      void this.#apply();
    });
  }

  /** A short-lived process cleans up once, when its work is done. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disarm?.();
    if (!this.#hasApplied && this.#options.storage.kind !== "memory") await this.#apply();
  }

  async #apply(): Promise<void> {
    this.#hasApplied = true;
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
