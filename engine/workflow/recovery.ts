import type { Clock } from "../clock/mod.ts";
import type { Owner, Storage } from "../storage/mod.ts";
import type { TakenRun } from "./accepted.ts";
import type { RunKeeper } from "./run_keeper.ts";
import type { Run } from "./run.ts";
import { takeUp } from "./take_up.ts";
import type { Versions } from "./versions.ts";

/** Runs claimed at a time. */
const PAGE = 500;
/** How soon an engine looks again that could not. */
const TRY_AGAIN_MS = 5_000;
/** How often an engine looks for what another process of this machine left behind, or itself gave up. */
const LOOK_AGAIN_MS = 15_000;

/** What unfinished runs are taken up with. */
export interface RecoveryOptions {
  readonly storage: Storage;
  readonly owner: Owner;
  readonly workflowKey: string;
  readonly clock: Clock;
  readonly versions: Versions;
  readonly keeper: RunKeeper;
  onWarning(message: string): void;
}

/** Takes up runs of the workflow that no living engine has: once, one of them, or for as long as the engine lives. */
export class Recovery implements AsyncDisposable {
  readonly #options: RecoveryOptions;
  #taking: Promise<unknown> = Promise.resolve();
  #disarm: (() => void) | undefined;
  #isClosed = false;
  #hasWarned = false;

  constructor(options: RecoveryOptions) {
    this.#options = options;
  }

  /** Takes up the run of that id, or all; resolves when each of them goes on or waits for its turn. */
  take(runId?: string): Promise<readonly Run[]> {
    const taken = this.#taking.then(() => this.#claim(runId));
    this.#taking = taken.catch(() => {});
    return taken;
  }

  /**
   * Takes up all there are now, and later whatever another engine leaves behind, or this one had to give up.
   * A storage that does not answer is asked again. Never rejects.
   */
  async keepTaking(): Promise<void> {
    const { storage, clock, onWarning } = this.#options;
    let againMs = storage.leaseIntervalMs ?? LOOK_AGAIN_MS;
    try {
      await this.take();
      this.#hasWarned = false;
    } catch (error) {
      againMs = TRY_AGAIN_MS;
      if (!this.#hasWarned) {
        onWarning(`unfinished runs cannot be taken up yet: ${(error as Error).message}`);
      }
      this.#hasWarned = true;
    }
    if (this.#isClosed || storage.kind === "memory") return;
    this.#disarm = clock.after(againMs, () => void this.keepTaking());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#disarm?.();
    await this.#taking;
    this.#disarm?.();
  }

  async #claim(runId: string | undefined): Promise<readonly Run[]> {
    const { storage, owner, workflowKey, versions, keeper } = this.#options;
    const runs: Run[] = [];
    const options = runId === undefined ? { workflowKey } : { workflowKey, runId };
    try {
      while (!this.#isClosed && !keeper.draining) {
        const claimed = await storage.claimRuns(owner, { ...options, limit: PAGE });
        const taken: TakenRun[] = [];
        for (const claim of claimed) {
          taken.push(
            await takeUp(claim, {
              storage,
              acquire: ({ spec }) => versions.acquireFor(spec),
              acquireCurrent() {
                versions.current.acquire();
                return versions.current;
              },
            }),
          );
        }
        runs.push(...keeper.take(taken));
        if (claimed.length < PAGE) break;
      }
    } finally {
      await versions.forgetOlder();
    }
    return runs;
  }
}
