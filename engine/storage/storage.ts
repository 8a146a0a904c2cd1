import type { RunEvent } from "../executor/mod.ts";
import type { JsonValue } from "../json/mod.ts";
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
} from "./records.ts";
import type { DocumentStore } from "./documents.ts";
import type { WorkflowStore } from "./stored_workflow.ts";

/**
 * Where runs and stored workflows are kept. One contract, one set of files per folder, one conformance suite.
 *
 * Every promise resolves when the change is as durable as the storage makes it, and rejects with
 * `STORAGE_UNAVAILABLE` (full, closed, unreachable: the same call may succeed later), `LEASE_LOST` (somebody
 * else owns the run: stop writing) or `STORAGE_DAMAGED`. Nothing is half done: a call happens or does not.
 * Values are stored as given; keeping secrets out of them is the caller's duty.
 */
export interface Storage extends WorkflowStore, DocumentStore, AsyncDisposable {
  readonly kind: "memory" | "sqlite" | "postgres";

  /**
   * Accepts a run for `owner`, unless its idempotency key is taken. Concurrent calls with one key give one run.
   * After `STORAGE_UNAVAILABLE` the run may be there all the same, when the answer was lost on its way: `getRun`
   * tells, and whoever finds it there has to see to it. One that nobody asks for is taken back where that is possible.
   */
  createRun(run: NewRun, owner: Owner): Promise<Created>;
  /** The run that a key stands for, as `createRun` would find it; undefined when the key is free. */
  findKeyedRun(
    workflowKey: string,
    key: Pick<Idempotency, "scope" | "key" | "fingerprint">,
  ): Promise<KeyedRun | undefined>;

  /**
   * Appends events and updates their run. Calls of one moment are committed together; calls for one run
   * take effect in their order.
   *
   * @throws {StorageError} `LEASE_LOST`
   */
  append(append: Append): Promise<void>;

  getRun(runId: string): Promise<StoredRun | undefined>;
  listRuns(filter: RunFilter): Promise<readonly RunRecord[]>;
  /** How many runs of a workflow are queued or running: for the queue's limits after a restart. */
  countRuns(workflowKey: string): Promise<{ readonly queued: number; readonly running: number }>;
  /** In order, after `afterSeq` (0: all), at most `limit`. */
  readEvents(runId: string, afterSeq: number, limit?: number): Promise<readonly RunEvent[]>;
  /** Text of log events, a line each, of one node or of all, from a byte offset, at most `maxBytes`. */
  readLog(
    runId: string,
    options: { readonly node?: string; readonly fromByte: number; readonly maxBytes: number },
  ): Promise<LogChunk>;
  /** Calls back after events were appended to any run, by whichever engine; may call once for many. */
  onChange(listener: (runId: string) => void): () => void;

  /**
   * Takes up to `limit` unfinished runs that no living engine owns, oldest first, and makes `owner` theirs.
   * Two engines never get the same run. With `runId`, that run only.
   */
  claimRuns(
    owner: Owner,
    options: { readonly workflowKey?: string; readonly runId?: string; readonly limit: number },
  ): Promise<readonly { readonly run: StoredRun; readonly lease: Lease }[]>;
  /** Extends the leases of an owner; returns the ids of runs that it does not own any more. */
  renewLeases(owner: Owner, runIds: readonly string[]): Promise<readonly string[]>;
  /** Gives a run up without ending it: anybody may claim it at once. */
  releaseRun(lease: Lease): Promise<void>;
  /** Milliseconds between two renewals; undefined where ownership is known from the process itself. */
  readonly leaseIntervalMs: number | undefined;

  /** Asks the owner of a run to end it. A queued run without a living owner is cancelled here. False when it is over or unknown. */
  requestCancel(runId: string): Promise<boolean>;
  /** Runs of an owner whose cancel was asked for. */
  cancelRequests(owner: Owner): Promise<readonly string[]>;

  deleteRun(runId: string): Promise<boolean>;
  /** How many runs were deleted; expired idempotency keys go too. */
  applyRetention(retention: Retention): Promise<number>;

  getTriggerState(workflowKey: string, trigger: string): Promise<TriggerState | undefined>;
  /** Writes when the revision is still `expected` (0: there is none); false when somebody else was faster. */
  setTriggerState(
    workflowKey: string,
    trigger: string,
    value: JsonValue,
    expected: number,
  ): Promise<boolean>;
}
