import type { RunEvent } from "../../executor/mod.ts";
import type { JsonValue } from "../../json/mod.ts";
import type { DocumentWrite, StoredDocument } from "../documents.ts";
import { LogReader } from "../log_text.ts";
import type { OpenStorageOptions } from "../open_options.ts";
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
import { GroupCommit } from "./group_commit.ts";
import { cancelRequests, cancelRun } from "./cancel_run.ts";
import { ChangeFeed } from "./change_feed.ts";
import { type Claimed, type ClaimOptions, RunClaimer } from "./claim_runs.ts";
import type { Database } from "./database.ts";
import { RunCreator } from "./create_run.ts";
import { getDocument, listDocuments, putDocument, removeDocument } from "./documents.ts";
import { countRuns, listRuns, readEvents, readRun } from "./read_runs.ts";
import { OwnerLeases } from "./owner_leases.ts";
import { applyRetention, deleteRuns } from "./retention.ts";
import { getTriggerState, setTriggerState } from "./trigger_states.ts";
import {
  getWorkflow,
  listWorkflows,
  putWorkflow,
  removeWorkflow,
  workflowHistory,
} from "./workflows.ts";

/** Runs in PostgreSQL, shared by any number of engines. */
export class PostgresStorage implements Storage {
  readonly kind = "postgres";
  readonly leaseIntervalMs: number;
  readonly #db: Database;
  readonly #clock: OpenStorageOptions["clock"];
  readonly #leases: OwnerLeases;
  readonly #creator: RunCreator;
  readonly #claimer: RunClaimer;
  readonly #feed: ChangeFeed;
  readonly #appends: GroupCommit;
  readonly #logs: LogReader;
  readonly #calls = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  constructor(db: Database, { clock }: OpenStorageOptions) {
    this.#db = db;
    this.#clock = clock;
    this.leaseIntervalMs = db.address.leaseMs / 3;
    this.#leases = new OwnerLeases(db, clock);
    this.#creator = new RunCreator(db, { leases: this.#leases, clock });
    this.#claimer = new RunClaimer(db);
    this.#feed = new ChangeFeed(db, clock);
    this.#appends = new GroupCommit(db, {
      feedId: this.#feed.id,
      onStored: (runIds) => this.#feed.tell(runIds),
    });
    this.#logs = new LogReader(this);
  }

  createRun(run: NewRun, owner: Owner): Promise<Created> {
    return this.#during(() => this.#creator.create(run, owner));
  }

  append(append: Append): Promise<void> {
    return this.#during(() => this.#appends.add(append));
  }

  findKeyedRun(
    workflowKey: string,
    key: Pick<Idempotency, "scope" | "key" | "fingerprint">,
  ): Promise<KeyedRun | undefined> {
    return this.#during(() => this.#creator.findKeyed(workflowKey, key));
  }

  getRun(runId: string): Promise<StoredRun | undefined> {
    return this.#during(async () => {
      const run = await readRun(this.#db, runId);
      if (run !== undefined) this.#creator.isSeenTo(runId);
      return run;
    });
  }

  listRuns(filter: RunFilter): Promise<readonly RunRecord[]> {
    return this.#during(() => listRuns(this.#db, filter));
  }

  countRuns(
    workflowKey: string,
  ): Promise<{ readonly queued: number; readonly running: number }> {
    return this.#during(() => countRuns(this.#db, workflowKey));
  }

  readEvents(runId: string, afterSeq: number, limit?: number): Promise<readonly RunEvent[]> {
    return this.#during(() => readEvents(this.#db, runId, { afterSeq, limit }));
  }

  readLog(
    runId: string,
    options: { readonly node?: string; readonly fromByte: number; readonly maxBytes: number },
  ): Promise<LogChunk> {
    return this.#logs.read(runId, options);
  }

  /** Calls back as well when a cancel was asked for. */
  onChange(listener: (runId: string) => void): () => void {
    return this.#feed.listen(listener);
  }

  claimRuns(owner: Owner, options: ClaimOptions): Promise<readonly Claimed[]> {
    return this.#during(async () => {
      await this.#leases.renew(owner);
      return await this.#claimer.claim(owner, options);
    });
  }

  renewLeases(owner: Owner, runIds: readonly string[]): Promise<readonly string[]> {
    return this.#during(async () => {
      await this.#leases.renew(owner);
      await this.#creator.undoDoubtful();
      await this.#claimer.undoForgotten();
      return await this.#leases.lostOf(owner, runIds);
    });
  }

  releaseRun(lease: Lease): Promise<void> {
    return this.#during(() => this.#leases.release(lease));
  }

  requestCancel(runId: string): Promise<boolean> {
    return this.#during(() =>
      cancelRun(this.#db, runId, { feed: this.#feed, now: this.#clock.now() })
    );
  }

  cancelRequests(owner: Owner): Promise<readonly string[]> {
    return this.#during(() => cancelRequests(this.#db, owner));
  }

  deleteRun(runId: string): Promise<boolean> {
    return this.#during(async () => await deleteRuns(this.#db, [runId]) > 0);
  }

  applyRetention(retention: Retention): Promise<number> {
    return this.#during(() => applyRetention(this.#db, retention, this.#clock.now()));
  }

  getTriggerState(workflowKey: string, trigger: string): Promise<TriggerState | undefined> {
    return this.#during(() => getTriggerState(this.#db, workflowKey, trigger));
  }

  setTriggerState(
    workflowKey: string,
    trigger: string,
    value: JsonValue,
    expected: number,
  ): Promise<boolean> {
    return this.#during(() => setTriggerState(this.#db, { workflowKey, trigger, value, expected }));
  }

  putWorkflow(workflow: NewStoredWorkflow): Promise<StoredWorkflowRecord> {
    return this.#during(async () => await putWorkflow(this.#db, await toVersion(workflow)));
  }

  getWorkflow(name: string, version?: number): Promise<StoredWorkflow | undefined> {
    return this.#during(() => getWorkflow(this.#db, name, version));
  }

  listWorkflows(): Promise<readonly StoredWorkflowRecord[]> {
    return this.#during(() => listWorkflows(this.#db));
  }

  workflowHistory(name: string): Promise<readonly StoredWorkflowRecord[]> {
    return this.#during(() => workflowHistory(this.#db, name));
  }

  removeWorkflow(name: string): Promise<boolean> {
    return this.#during(() => removeWorkflow(this.#db, name));
  }

  getDocument(kind: string, id: string): Promise<StoredDocument | undefined> {
    return this.#during(() => getDocument(this.#db, kind, id));
  }

  listDocuments(kind: string): Promise<readonly StoredDocument[]> {
    return this.#during(() => listDocuments(this.#db, kind));
  }

  putDocument(document: DocumentWrite, expected?: number): Promise<StoredDocument | undefined> {
    return this.#during(() => putDocument(this.#db, document, expected));
  }

  removeDocument(kind: string, id: string): Promise<boolean> {
    return this.#during(() => removeDocument(this.#db, kind, id));
  }

  /** Ends what was asked for before, then closes every connection. May be called again. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    await Promise.allSettled(this.#calls);
    await this.#feed[Symbol.asyncDispose]();
    await this.#db[Symbol.asyncDispose]();
  }

  async #during<T>(call: () => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) throw this.#db.closed();
    const running = call();
    this.#calls.add(running);
    try {
      return await running;
    } finally {
      this.#calls.delete(running);
    }
  }
}
