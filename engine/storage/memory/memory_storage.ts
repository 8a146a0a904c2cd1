import type { Clock } from "../../clock/mod.ts";
import { CodedError } from "../../errors/mod.ts";
import type { RunEvent } from "../../executor/mod.ts";
import type { JsonValue } from "../../json/mod.ts";
import type { DocumentWrite, StoredDocument } from "../documents.ts";
import { LogReader } from "../log_text.ts";
import type { OpenStorageOptions } from "../open_options.ts";
import { isOwnerAlive } from "../owner.ts";
import type {
  Append,
  Created,
  Idempotency,
  KeyedRun,
  Lease,
  LogChunk,
  NewRun,
  Owner,
  Retention,
  RunFilter,
  RunRecord,
  StoredRun,
  TriggerState,
} from "../records.ts";
import type { Storage } from "../storage.ts";
import { StorageError } from "../storage_error.ts";
import type {
  NewStoredWorkflow,
  StoredWorkflow,
  StoredWorkflowRecord,
} from "../stored_workflow.ts";
import { toVersion } from "../workflow_version.ts";
import { Changes } from "./changes.ts";
import { cancelRequests, claimRuns, deadOwners, releaseRun, requestCancel } from "./claims.ts";
import { Documents } from "./documents.ts";
import { newEntry } from "./entry.ts";
import { append, readEvents } from "./events.ts";
import { Keys } from "./keys.ts";
import { applyRetention, deleteRun } from "./retention.ts";
import { Runs } from "./runs.ts";
import { TriggerStates } from "./triggers.ts";
import { Workflows } from "./workflows.ts";

const MAX_RUNS = 1_000;
const MAX_BYTES = 64 * 1024 * 1024;

/** Runs of this process, until it ends. Every change is made before the call returns. */
export class MemoryStorage implements Storage {
  readonly kind = "memory";
  readonly leaseIntervalMs = undefined;
  readonly #clock: Clock;
  readonly #isAlive: (owner: Owner) => Promise<boolean>;
  readonly #runs: Runs;
  readonly #keys = new Keys();
  readonly #states = new TriggerStates();
  readonly #workflows = new Workflows();
  readonly #documents = new Documents();
  readonly #changes = new Changes();
  readonly #logs = new LogReader(this);
  #isOpen = true;

  constructor({ clock, memory, isOwnerAlive: isAlive = isOwnerAlive }: OpenStorageOptions) {
    this.#clock = clock;
    this.#isAlive = isAlive;
    this.#runs = new Runs({
      maxRuns: memory?.maxRuns ?? MAX_RUNS,
      maxBytes: memory?.maxBytes ?? MAX_BYTES,
    });
  }

  createRun(run: NewRun, owner: Owner): Promise<Created> {
    return this.#call(() => {
      const { workflowKey, idempotency } = run;
      const taken = idempotency && this.#keys.find(workflowKey, idempotency, this.#clock.now());
      if (taken !== undefined) return { status: "exists", ...taken };
      if (this.#runs.get(run.runId) !== undefined) {
        throw new CodedError(
          "INTERNAL",
          `Cannot create run "${run.runId}" as new: there is one of that id`,
        );
      }
      this.#runs.add(newEntry(run, owner));
      this.#keys.take(run);
      return { status: "created", lease: { runId: run.runId, ownerId: owner.id, token: 1 } };
    });
  }

  findKeyedRun(
    workflowKey: string,
    key: Pick<Idempotency, "scope" | "key" | "fingerprint">,
  ): Promise<KeyedRun | undefined> {
    return this.#call(() => this.#keys.find(workflowKey, key, this.#clock.now()));
  }

  append(request: Append): Promise<void> {
    return this.#call(() => {
      append(this.#runs, request, this.#clock.now());
      if (request.events.length > 0) this.#changes.notify(request.lease.runId);
    });
  }

  getRun(runId: string): Promise<StoredRun | undefined> {
    return this.#call(() => this.#runs.get(runId)?.run);
  }

  listRuns(filter: RunFilter): Promise<readonly RunRecord[]> {
    return this.#call(() => this.#runs.list(filter));
  }

  countRuns(workflowKey: string): Promise<{ readonly queued: number; readonly running: number }> {
    return this.#call(() => ({
      queued: this.#runs.count(workflowKey, "queued"),
      running: this.#runs.count(workflowKey, "running"),
    }));
  }

  readEvents(runId: string, afterSeq: number, limit?: number): Promise<readonly RunEvent[]> {
    return this.#call(() => readEvents(this.#runs, runId, { afterSeq, limit }));
  }

  readLog(
    runId: string,
    options: { readonly node?: string; readonly fromByte: number; readonly maxBytes: number },
  ): Promise<LogChunk> {
    return this.#logs.read(runId, options);
  }

  onChange(listener: (runId: string) => void): () => void {
    return this.#changes.listen(listener);
  }

  async claimRuns(
    owner: Owner,
    options: { readonly workflowKey?: string; readonly runId?: string; readonly limit: number },
  ): Promise<readonly { readonly run: StoredRun; readonly lease: Lease }[]> {
    const dead = await deadOwners(this.#runs, this.#isAlive);
    return await this.#call(() => claimRuns(this.#runs, { owner, dead, ...options }));
  }

  renewLeases(owner: Owner, runIds: readonly string[]): Promise<readonly string[]> {
    return this.#call(() =>
      runIds.filter((runId) => this.#runs.get(runId)?.run.owner?.id !== owner.id)
    );
  }

  releaseRun(lease: Lease): Promise<void> {
    return this.#call(() => releaseRun(this.#runs, lease));
  }

  async requestCancel(runId: string): Promise<boolean> {
    const dead = await deadOwners(this.#runs, this.#isAlive);
    return await this.#call(() => {
      const outcome = requestCancel(this.#runs, runId, { dead, now: this.#clock.now() });
      if (outcome === "cancelled") this.#changes.notify(runId);
      return outcome !== "over";
    });
  }

  cancelRequests(owner: Owner): Promise<readonly string[]> {
    return this.#call(() => cancelRequests(this.#runs, owner));
  }

  deleteRun(runId: string): Promise<boolean> {
    return this.#call(() => deleteRun(this.#runs, runId));
  }

  applyRetention(retention: Retention): Promise<number> {
    return this.#call(() => {
      this.#keys.deleteExpired(this.#clock.now());
      return applyRetention(this.#runs, retention);
    });
  }

  getTriggerState(workflowKey: string, trigger: string): Promise<TriggerState | undefined> {
    return this.#call(() => this.#states.get(workflowKey, trigger));
  }

  setTriggerState(
    workflowKey: string,
    trigger: string,
    value: JsonValue,
    expected: number,
  ): Promise<boolean> {
    return this.#call(() => this.#states.set(workflowKey, trigger, { value, expected }));
  }

  async putWorkflow(workflow: NewStoredWorkflow): Promise<StoredWorkflowRecord> {
    const version = await toVersion(workflow);
    return await this.#call(() => this.#workflows.put(version));
  }

  getWorkflow(name: string, version?: number): Promise<StoredWorkflow | undefined> {
    return this.#call(() => this.#workflows.get(name, version));
  }

  listWorkflows(): Promise<readonly StoredWorkflowRecord[]> {
    return this.#call(() => this.#workflows.list());
  }

  workflowHistory(name: string): Promise<readonly StoredWorkflowRecord[]> {
    return this.#call(() => this.#workflows.history(name));
  }

  removeWorkflow(name: string): Promise<boolean> {
    return this.#call(() => this.#workflows.remove(name));
  }

  getDocument(kind: string, id: string): Promise<StoredDocument | undefined> {
    return this.#call(() => this.#documents.get(kind, id));
  }

  listDocuments(kind: string): Promise<readonly StoredDocument[]> {
    return this.#call(() => this.#documents.list(kind));
  }

  putDocument(document: DocumentWrite, expected?: number): Promise<StoredDocument | undefined> {
    return this.#call(() => this.#documents.put(document, expected));
  }

  removeDocument(kind: string, id: string): Promise<boolean> {
    return this.#call(() => this.#documents.remove(kind, id));
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#isOpen = false;
    this.#changes.close();
    return Promise.resolve();
  }

  /** Does it now, and answers as the other storages do. */
  #call<T>(work: () => T): Promise<T> {
    try {
      if (!this.#isOpen) throw closed();
      return Promise.resolve(work());
    } catch (error) {
      return Promise.reject(error);
    }
  }
}

function closed(): StorageError {
  return new StorageError(
    "STORAGE_UNAVAILABLE",
    'Cannot use storage "memory:" as asked: it is closed',
    {
      fix: "Start pd again",
    },
  );
}
