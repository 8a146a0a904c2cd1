import type { RunEvent, RunStatus } from "../executor/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import type { WorkflowSpec } from "../spec/mod.ts";

/** Who may write a run: one engine at a time. */
export interface Owner {
  /** Unique among all engines that ever share a storage. */
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  /** When that process started, as the system tells it: tells apart two processes of one pid. */
  readonly startedAt: number;
}

/** Proof of ownership. Grows with each change of owner, so that a write by a former one is refused. */
export interface Lease {
  readonly runId: string;
  readonly ownerId: string;
  /** Fencing token: 1 for the first owner of the run. */
  readonly token: number;
}

/** A run as it is accepted. */
export interface NewRun {
  /** UUIDv7. */
  readonly runId: string;
  readonly workflow: string;
  readonly version: string;
  /** Which folder or stored workflow it belongs to: an engine takes up only runs of its own. */
  readonly workflowKey: string;
  /** The workflow as it was when the run was accepted; kept once per content. */
  readonly spec: WorkflowSpec;
  /** Secrets are references: `{"$secret": "service.key"}`. */
  readonly input: JsonValue;
  readonly trigger: JsonValue;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** `queued` waits for its turn; `running` begins at once. */
  readonly status: "queued" | "running";
  /** Not before then; for `start_delay`. Epoch milliseconds. */
  readonly startAfter: number | undefined;
  /** When it is to be ended wherever it stands; for a timeout of the whole run. Epoch milliseconds. */
  readonly deadlineAt: number | undefined;
  /** Partition of `partitioned_replace`. */
  readonly partition: string | undefined;
  readonly idempotency: Idempotency | undefined;
}

/** The same key within its time to live means the same run. */
export interface Idempotency {
  /** `http`, `webhook:/github`, `cron:daily`, `queue:orders` … */
  readonly scope: string;
  readonly key: string;
  /** Of what was asked: the same key with another fingerprint is a conflict. */
  readonly fingerprint: string | undefined;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** What became of an attempt to create a run. */
export type Created =
  | { readonly status: "created"; readonly lease: Lease }
  /** A run with that idempotency key exists. */
  | { readonly status: "exists" } & KeyedRun;

/** The run that an idempotency key stands for. */
export interface KeyedRun {
  readonly runId: string;
  /** Whether the same was asked for. */
  readonly sameFingerprint: boolean;
}

/** One line of a list of runs. Times are epoch milliseconds. */
export interface RunRecord {
  readonly runId: string;
  readonly workflow: string;
  readonly version: string;
  readonly workflowKey: string;
  readonly status: RunStatus;
  readonly trigger: JsonValue;
  readonly partition: string | undefined;
  readonly createdAt: number;
  /** Of its first start; undefined while it waits. */
  readonly startedAt: number | undefined;
  readonly completedAt: number | undefined;
  readonly startAfter: number | undefined;
  readonly deadlineAt: number | undefined;
  /** `CODE: message` of a run that did not succeed. Redacted. */
  readonly error: string | undefined;
  /** A cancel was asked for; whoever owns the run ends it. */
  readonly cancelRequested: boolean;
  readonly owner: Owner | undefined;
  /** Sequence number of the newest event; 0 when there is none. */
  readonly lastSeq: number;
}

/** All that is needed to go on with a run. */
export interface StoredRun extends RunRecord {
  readonly spec: WorkflowSpec;
  readonly input: JsonValue;
}

/** What is changed together with events, in the same transaction. */
export interface RunUpdate {
  readonly status?: RunStatus;
  readonly startedAt?: number;
  readonly completedAt?: number;
  readonly error?: string;
}

/** Which runs a list holds. Newest first. */
export interface RunFilter {
  readonly workflow?: string;
  readonly workflowKey?: string;
  /** Those of any of these workflows; none without a key. */
  readonly workflowKeys?: readonly string[];
  readonly status?: readonly RunStatus[];
  /** Epoch milliseconds, inclusive. */
  readonly createdAfter?: number;
  readonly createdBefore?: number;
  /** Only runs before this one: the last of the page before. */
  readonly before?: string;
  /** 1 to 1 000. */
  readonly limit: number;
}

/** Events and what they change, appended as one. Events have gapless `seq` behind `lastSeq`. */
export interface Append {
  readonly lease: Lease;
  readonly events: readonly RunEvent[];
  readonly update?: RunUpdate;
}

/** Part of the text of a node's log. */
export interface LogChunk {
  readonly text: string;
  /** Where the next chunk begins, in bytes of UTF-8. */
  readonly nextByte: number;
  /** The run is over and this is the end of its log. */
  readonly isEnd: boolean;
}

/** State of one trigger between ticks and restarts, e.g. `{"scheduledAt": 1790000000000}`. */
export interface TriggerState {
  readonly value: JsonValue;
  /** Grows with each write: what `setTriggerState` compares. */
  readonly revision: number;
}

/** What to delete. Runs that are not over are never deleted. */
export interface Retention {
  readonly workflowKey: string | undefined;
  /** Delete runs completed before then. Epoch milliseconds. */
  readonly completedBefore: number | undefined;
  /** Keep at most so many completed runs, the newest. */
  readonly maxCount: number | undefined;
}
