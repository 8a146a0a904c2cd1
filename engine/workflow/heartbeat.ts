import type { Clock } from "../clock/mod.ts";
import { CodedError, type PdError } from "../errors/mod.ts";
import type { Owner, Storage } from "../storage/mod.ts";

/** How often another process's wish to cancel a run is looked for. */
const CANCEL_LOOK_MS = 500;

/** What a heartbeat keeps alive. */
export interface HeartbeatOptions {
  readonly storage: Storage;
  readonly owner: Owner;
  readonly clock: Clock;
  /** Runs that this engine owns. */
  runIds(): readonly string[];
  onCancel(runId: string): void;
  onLost(runId: string, reason: PdError): void;
  onWarning(message: string): void;
}

/**
 * Shows the storage that an engine lives, for as long as it has runs: renews their leases where there are
 * any, and asks which of them are to be cancelled. What one process alone can see needs neither.
 */
export class Heartbeat implements AsyncDisposable {
  readonly #options: HeartbeatOptions;
  readonly #everyMs: number;
  #disarm: (() => void) | undefined;
  #beating: Promise<void> | undefined;
  #renewedAt = -Infinity;
  #isClosed = false;
  #hasWarned = false;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#everyMs = Math.min(CANCEL_LOOK_MS, options.storage.leaseIntervalMs ?? Infinity);
  }

  /** Goes on as long as there are runs. To be called when one is added. */
  wake(): void {
    if (this.#options.storage.kind === "memory" || this.#isClosed) return;
    if (this.#disarm !== undefined || this.#beating !== undefined) return;
    if (this.#options.runIds().length === 0) return;
    this.#disarm = this.#options.clock.after(this.#everyMs, () => {
      this.#disarm = undefined;
      this.#beating = this.#beat().finally(() => {
        this.#beating = undefined;
        this.wake();
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#disarm?.();
    this.#disarm = undefined;
    await this.#beating;
  }

  async #beat(): Promise<void> {
    try {
      await this.#renew();
      const { storage, owner } = this.#options;
      for (const runId of await storage.cancelRequests(owner)) this.#options.onCancel(runId);
      this.#hasWarned = false;
    } catch (error) {
      // Each run finds out by itself, with its next event, and waits a while.
      if (this.#hasWarned) return;
      this.#hasWarned = true;
      this.#options.onWarning(`the storage does not answer: ${(error as Error).message}`);
    }
  }

  async #renew(): Promise<void> {
    const { storage, owner, clock } = this.#options;
    if (storage.leaseIntervalMs === undefined) return;
    const now = clock.monotonic();
    // A little early rather than a whole beat late.
    if (now - this.#renewedAt < storage.leaseIntervalMs - this.#everyMs / 2) return;
    const lost = await storage.renewLeases(owner, this.#options.runIds());
    this.#renewedAt = now;
    for (const runId of lost) this.#options.onLost(runId, leaseLost(runId));
  }
}

function leaseLost(runId: string): PdError {
  return new CodedError(
    "LEASE_LOST",
    `Cannot go on with run "${runId}" as its owner: another engine has taken it up`,
    { fix: "Look at it where it goes on: pd runs show" },
  );
}
