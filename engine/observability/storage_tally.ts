import type { Append, Storage } from "../storage/mod.ts";
import { StorageError } from "../storage/mod.ts";
import { BATCH_BOUNDS, Spread, WRITE_BOUNDS_S } from "./spread.ts";

/** Plain counters of what a storage is asked to append. */
export class StorageTally {
  /** Seconds from an append to its answer, the wait for its turn among them. */
  readonly appendS: Spread = new Spread(WRITE_BOUNDS_S);
  /** Appends answered one right after the other: what was committed together. */
  readonly batch: Spread = new Spread(BATCH_BOUNDS);
  events = 0;
  readonly failures: Map<string, number> = new Map();
  #together = 0;

  /** Measures one append. */
  async append(storage: Pick<Storage, "append">, append: Append): Promise<void> {
    const startedAt = performance.now();
    try {
      await storage.append(append);
    } catch (error) {
      const code = error instanceof StorageError ? error.code : "INTERNAL";
      this.failures.set(code, (this.failures.get(code) ?? 0) + 1);
      throw error;
    }
    this.appendS.observe((performance.now() - startedAt) / 1000);
    this.events += append.events.length;
    this.#answered();
  }

  /** The promises of one transaction are resolved in one go, so this microtask comes after all of theirs. */
  #answered(): void {
    if (this.#together++ > 0) return;
    queueMicrotask(() => {
      this.batch.observe(this.#together);
      this.#together = 0;
    });
  }
}
