import { type Clock, sleep } from "../../clock/mod.ts";
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
import type {
  NewStoredWorkflow,
  StoredWorkflow,
  StoredWorkflowRecord,
} from "../stored_workflow.ts";
import { toVersion } from "../workflow_version.ts";
import { Changes } from "./changes.ts";
import {
  cancelRequests,
  claimRuns,
  deadOwners,
  notOwned,
  releaseRun,
  requestCancel,
} from "./claims.ts";
import type { Database } from "./database.ts";
import { getDocument, listDocuments, putDocument, removeDocument } from "./documents.ts";
import { append, readEvents, type RowNumbers } from "./events.ts";
import { isBusy, toStorageError, unavailable } from "./failure.ts";
import { GroupCommit, MAX_WAIT_MS, WAIT_STEP_MS } from "./group_commit.ts";
import { Owners } from "./owners.ts";
import { deleteBatch, deleteLeftovers, deleteRun, emptyTrash } from "./retention.ts";
import { countRuns, createRun, findKeyedRun, getRun, listRuns } from "./runs.ts";
import { SpecHashes } from "./spec_hashes.ts";
import { getTriggerState, setTriggerState } from "./triggers.ts";
import {
  getWorkflow,
  listWorkflows,
  putWorkflow,
  removeWorkflow,
  workflowHistory,
} from "./workflows.ts";

/** Runs in a database file of this machine. Several processes may have it open at once. */
export class SqliteStorage implements Storage {
  readonly kind = "sqlite";
  readonly leaseIntervalMs = undefined;
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #isAlive: (owner: Owner) => Promise<boolean>;
  readonly #owners: Owners;
  readonly #numbers: RowNumbers = new Map();
  readonly #specs = new SpecHashes();
  readonly #commit: GroupCommit;
  readonly #changes: Changes;
  readonly #logs = new LogReader(this);

  /** Takes over an open file of the newest schema; disposing closes it. */
  constructor(db: Database, options: OpenStorageOptions) {
    this.#db = db;
    this.#clock = options.clock;
    this.#isAlive = options.isOwnerAlive ?? isOwnerAlive;
    this.#owners = new Owners(db);
    this.#commit = new GroupCommit(db, {
      clock: options.clock,
      activeRuns: () => this.#numbers.size,
      onRollback: () => {
        this.#owners.forget();
        this.#numbers.clear();
      },
    });
    this.#changes = new Changes(db, options.clock);
  }

  async createRun(run: NewRun, owner: Owner): Promise<Created> {
    const spec = this.#specs.known(run.spec) ?? await this.#specs.of(run.spec);
    return await this.#write(() =>
      createRun(this.#db, this.#owners, { run, owner, spec, now: this.#clock.now() })
    );
  }

  findKeyedRun(
    workflowKey: string,
    key: Pick<Idempotency, "scope" | "key" | "fingerprint">,
  ): Promise<KeyedRun | undefined> {
    return this.#read(() =>
      findKeyedRun(this.#db, workflowKey, { ...key, now: this.#clock.now() })
    );
  }

  async append(request: Append): Promise<void> {
    await this.#write(() =>
      append(this.#db, { owners: this.#owners, numbers: this.#numbers }, {
        ...request,
        now: this.#clock.now(),
      })
    );
    if (request.events.length > 0) this.#changes.notify(request.lease.runId);
  }

  getRun(runId: string): Promise<StoredRun | undefined> {
    return this.#read(() => getRun(this.#db, runId));
  }

  listRuns(filter: RunFilter): Promise<readonly RunRecord[]> {
    return this.#read(() => listRuns(this.#db, filter));
  }

  countRuns(workflowKey: string): Promise<{ readonly queued: number; readonly running: number }> {
    return this.#read(() => countRuns(this.#db, workflowKey));
  }

  readEvents(runId: string, afterSeq: number, limit?: number): Promise<readonly RunEvent[]> {
    return this.#read(() => readEvents(this.#db, runId, { afterSeq, limit }));
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
    const dead = await this.#deadOwners();
    return await this.#write(() => claimRuns(this.#db, this.#owners, { owner, dead, ...options }));
  }

  renewLeases(owner: Owner, runIds: readonly string[]): Promise<readonly string[]> {
    return this.#read(() => notOwned(this.#db, this.#owners.find(owner.id), runIds));
  }

  releaseRun(lease: Lease): Promise<void> {
    return this.#write(() => releaseRun(this.#db, this.#owners.find(lease.ownerId), lease));
  }

  async requestCancel(runId: string): Promise<boolean> {
    const dead = await this.#deadOwners();
    const outcome = await this.#write(() =>
      requestCancel(this.#db, runId, { dead, now: this.#clock.now() })
    );
    if (outcome === "cancelled") this.#changes.notify(runId);
    return outcome !== "over";
  }

  cancelRequests(owner: Owner): Promise<readonly string[]> {
    return this.#read(() => cancelRequests(this.#db, this.#owners.find(owner.id)));
  }

  async deleteRun(runId: string): Promise<boolean> {
    const isDeleted = await this.#write(() => deleteRun(this.#db, runId));
    if (isDeleted) await this.#emptyTrash();
    return isDeleted;
  }

  async applyRetention(retention: Retention): Promise<number> {
    let count = 0;
    for (;;) {
      const deleted = await this.#write(() => deleteBatch(this.#db, retention));
      if (deleted === 0) break;
      count += deleted;
      await this.#emptyTrash();
    }
    await this.#emptyTrash();
    const dead = [...await deadOwners(this.#owners.idle(), this.#isAlive)];
    await this.#write(() => deleteLeftovers(this.#db, { now: this.#clock.now(), dead }));
    return count;
  }

  getTriggerState(workflowKey: string, trigger: string): Promise<TriggerState | undefined> {
    return this.#read(() => getTriggerState(this.#db, workflowKey, trigger));
  }

  setTriggerState(
    workflowKey: string,
    trigger: string,
    value: JsonValue,
    expected: number,
  ): Promise<boolean> {
    return this.#write(() => setTriggerState(this.#db, { workflowKey, trigger, value, expected }));
  }

  async putWorkflow(workflow: NewStoredWorkflow): Promise<StoredWorkflowRecord> {
    const version = await toVersion(workflow);
    return await this.#write(() => putWorkflow(this.#db, version));
  }

  getWorkflow(name: string, version?: number): Promise<StoredWorkflow | undefined> {
    return this.#read(() => getWorkflow(this.#db, name, version));
  }

  listWorkflows(): Promise<readonly StoredWorkflowRecord[]> {
    return this.#read(() => listWorkflows(this.#db));
  }

  workflowHistory(name: string): Promise<readonly StoredWorkflowRecord[]> {
    return this.#read(() => workflowHistory(this.#db, name));
  }

  removeWorkflow(name: string): Promise<boolean> {
    return this.#write(() => removeWorkflow(this.#db, name));
  }

  getDocument(kind: string, id: string): Promise<StoredDocument | undefined> {
    return this.#read(() => getDocument(this.#db, kind, id));
  }

  listDocuments(kind: string): Promise<readonly StoredDocument[]> {
    return this.#read(() => listDocuments(this.#db, kind));
  }

  putDocument(document: DocumentWrite, expected?: number): Promise<StoredDocument | undefined> {
    return this.#write(() => putDocument(this.#db, document, expected));
  }

  removeDocument(kind: string, id: string): Promise<boolean> {
    return this.#write(() => removeDocument(this.#db, kind, id));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#changes.close();
    await this.#commit.close();
    this.#db.close();
  }

  async #emptyTrash(): Promise<void> {
    while (await this.#write(() => emptyTrash(this.#db)));
  }

  async #deadOwners(): Promise<ReadonlySet<number>> {
    this.#checkOpen();
    return await deadOwners(this.#owners.busy(), this.#isAlive);
  }

  #write<T>(work: () => T): Promise<T> {
    return this.#commit.write(work);
  }

  /** Reads see what was committed; a writer elsewhere holds them up only while it opens or closes the file. */
  async #read<T>(work: () => T): Promise<T> {
    const deadline = this.#clock.monotonic() + MAX_WAIT_MS;
    for (;;) {
      this.#checkOpen();
      try {
        return work();
      } catch (error) {
        if (!isBusy(error) || this.#clock.monotonic() >= deadline) {
          throw toStorageError(error, this.#db.path);
        }
        await sleep(WAIT_STEP_MS, this.#clock);
      }
    }
  }

  #checkOpen(): void {
    if (!this.#db.isOpen) throw unavailable(this.#db.path, "it is closed");
  }
}
