import type { Clock } from "../clock/mod.ts";
import type { RunInfo } from "../executor/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import { type Created, type Owner, type Storage, StorageError } from "../storage/mod.ts";
import type { Place } from "./accepted.ts";
import type { Generation } from "./generation.ts";

/** How long a caller waits to hear whether its run is stored, when the storage did not say so. */
const DOUBT_MS = 1_000;
/** How soon a storage that is out of reach is asked again. */
const ASK_AGAIN_MS = 2_000;

/** What runs are stored with as they are accepted. */
export interface RunIntakeOptions {
  readonly storage: Storage;
  readonly owner: Owner;
  readonly workflowKey: string;
  readonly clock: Clock;
  /** Takes up a run that nobody has. */
  takeUp(runId: string): Promise<void>;
}

/** A run whose caller was told that it could not be stored, while nobody knows. */
interface Doubt {
  readonly runId: string;
  readonly hasKey: boolean;
}

/**
 * Stores runs as they are accepted. When the answer of the storage is lost, it finds out whether the run is
 * there: at once, so that it goes on, or once the storage answers again. By then its caller was turned away, so
 * a run that nobody can ask for ends; one with a key goes on, as its caller will come again.
 */
export class RunIntake implements AsyncDisposable {
  readonly #options: RunIntakeOptions;
  #doubts: Doubt[] = [];
  #disarm: (() => void) | undefined;
  #asking: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: RunIntakeOptions) {
    this.#options = options;
  }

  /** @throws {StorageError} */
  async store(
    { parts: { spec, references } }: Generation,
    info: RunInfo,
    { input, createdAt, partition, offer, deadlineAt, idempotency }: Place & {
      readonly input: JsonValue;
    },
  ): Promise<Created> {
    const { storage, owner, workflowKey } = this.#options;
    const runId = info.id;
    const run = {
      runId,
      workflow: info.workflow,
      version: info.version,
      workflowKey,
      spec,
      input: references.toStored(input),
      trigger: references.toStored(info.trigger),
      createdAt,
      status: offer.decision === "queue" ? "queued" as const : "running" as const,
      startAfter: offer.decision === "queue" ? offer.startAfter : undefined,
      deadlineAt,
      partition: partition === "" ? undefined : partition,
      idempotency: idempotency === undefined ? undefined : {
        scope: idempotency.scope,
        key: idempotency.key,
        fingerprint: idempotency.fingerprint,
        expiresAt: createdAt + idempotency.ttlMs,
      },
    };
    try {
      return await storage.createRun(run, owner);
    } catch (error) {
      if (!(error instanceof StorageError) || error.code !== "STORAGE_UNAVAILABLE") throw error;
      const isStored = await this.#hear(this.#isOurs(runId));
      if (isStored === undefined) this.#askLater({ runId, hasKey: idempotency !== undefined });
      if (isStored !== true) throw error;
      return { status: "created", lease: { runId, ownerId: owner.id, token: 1 } };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#disarm?.();
    await this.#asking;
  }

  /** Whether the run is there, and waits for this engine to go on. */
  async #isOurs(runId: string): Promise<boolean> {
    const { storage, owner } = this.#options;
    const run = await storage.getRun(runId);
    return run?.owner?.id === owner.id && run.lastSeq === 0;
  }

  /** The answer, when it comes soon. */
  #hear(answer: Promise<boolean>): Promise<boolean | undefined> {
    return new Promise((resolve) => {
      const disarm = this.#options.clock.after(DOUBT_MS, () => resolve(undefined));
      answer.then(resolve, () => resolve(undefined)).finally(disarm);
    });
  }

  #askLater(doubt: Doubt): void {
    this.#doubts.push(doubt);
    this.#arm();
  }

  #arm(): void {
    if (this.#isClosed || this.#doubts.length === 0) return;
    this.#disarm ??= this.#options.clock.after(ASK_AGAIN_MS, () => {
      this.#disarm = undefined;
      this.#asking = this.#ask().finally(() => this.#arm());
    });
  }

  async #ask(): Promise<void> {
    for (const doubt of this.#doubts.splice(0)) {
      try {
        await this.#settle(doubt);
      } catch {
        this.#doubts.push(doubt);
      }
    }
  }

  async #settle({ runId, hasKey }: Doubt): Promise<void> {
    if (!await this.#isOurs(runId)) return;
    const { storage, owner, takeUp } = this.#options;
    if (!hasKey) await storage.requestCancel(runId);
    await storage.releaseRun({ runId, ownerId: owner.id, token: 1 });
    await takeUp(runId);
  }
}
