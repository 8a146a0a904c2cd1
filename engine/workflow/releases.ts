import type { Clock } from "../clock/mod.ts";
import type { Lease, Storage } from "../storage/mod.ts";

/** How soon a storage that was out of reach is told again. */
const TRY_AGAIN_MS = 2_000;

/**
 * Runs that this engine has given up while the storage was out of reach: as long as the storage believes
 * that they are its own, nobody takes them up. Tells it as soon as it listens.
 */
export class Releases implements AsyncDisposable {
  readonly #storage: Storage;
  readonly #clock: Clock;
  #leases: Lease[] = [];
  #disarm: (() => void) | undefined;
  #telling: Promise<void> = Promise.resolve();

  constructor({ storage, clock }: { readonly storage: Storage; readonly clock: Clock }) {
    this.#storage = storage;
    this.#clock = clock;
  }

  /** Releases a run later. */
  add(lease: Lease): void {
    this.#leases.push(lease);
    this.#disarm ??= this.#clock.after(TRY_AGAIN_MS, () => {
      this.#disarm = undefined;
      this.#telling = this.#tell();
    });
  }

  /** Tells what it can; the rest is free once the process is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#telling;
    this.#disarm?.();
    for (const lease of this.#leases.splice(0)) {
      await this.#storage.releaseRun(lease).catch(() => {});
    }
  }

  async #tell(): Promise<void> {
    for (const lease of this.#leases.splice(0)) {
      try {
        await this.#storage.releaseRun(lease);
      } catch {
        this.add(lease);
      }
    }
  }
}
