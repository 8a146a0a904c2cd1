import type { CompiledDag } from "../compiler/mod.ts";
import type { ExecutionResult, RunEvent, RunStatus } from "../executor/mod.ts";
import type { JsonValue } from "../json/mod.ts";

/** How a run is started. */
export interface StartOptions {
  /** What started it; `{type: "manual"}` by default. Nodes see it as `ctx.run.trigger`. */
  readonly trigger?: JsonValue;
  /** Aborting it cancels the run. */
  readonly signal?: AbortSignal;
  /**
   * The whole run is cancelled with `RUN_TIMEOUT` after this long, the wait for its turn included, and the time
   * in which no engine had it.
   */
  readonly timeoutMs?: number;
  /** An id of the caller's own; a UUIDv7 by default. */
  readonly id?: string;
  /** The queue's partition that it belongs to, in place of what `queue_key` finds in the input. */
  readonly partition?: string;
  /** Called before a new run is accepted, and not for a repetition: what it throws refuses the run. */
  admit?(): void;
  /** The same key within its time to live gives the same run, whoever asks for it. */
  readonly idempotency?: {
    /** `http`, `webhook:/github`, `cron:daily`, `queue:orders` … */
    readonly scope: string;
    readonly key: string;
    readonly ttlMs: number;
    /** Of what is asked: the same key with another one is `IDEMPOTENCY_CONFLICT`. */
    readonly fingerprint?: string;
  };
}

/** One execution of a workflow, while it goes on and after it. */
export interface Run {
  readonly id: string;
  /** What is known of it; of a run of another engine, when it was last looked at. */
  readonly status: RunStatus;
  /** Redacted. */
  readonly input: JsonValue;
  /** The graph that it runs on, which a later reload does not change. */
  readonly dag: CompiledDag;
  /**
   * Redacted; resolves when the end of the run is stored. Never rejects for a failed run. `interrupted` means
   * that this engine has given the run up: another one, or the next start, goes on with it.
   */
  readonly result: Promise<ExecutionResult>;
  readonly summary: RunSummary;
  /**
   * Redacted events after `afterSeq` (0: all): first those that there are, then each as it comes, and the
   * end after the run's last. An abort ends it early, without an error.
   */
  events(afterSeq?: number, signal?: AbortSignal): AsyncIterable<RunEvent>;
  /** Redacted events after `afterSeq` that are stored now, at most `limit` of them. */
  eventsSoFar(afterSeq?: number, limit?: number): Promise<readonly RunEvent[]>;
  /** Resolves when there are events after `afterSeq`, when none will follow here, or when `signal` aborts. */
  changed(afterSeq: number, signal?: AbortSignal): Promise<void>;
  /** Ends the run as `cancelled`, whichever engine has it. Does nothing when it is over. */
  cancel(): void;
}

/** One line of a list of runs. Times are epoch milliseconds. */
export interface RunSummary {
  readonly runId: string;
  readonly status: RunStatus;
  readonly workflow: string;
  readonly version: string;
  readonly trigger: JsonValue;
  /** When it was accepted. */
  readonly createdAt: number;
  /** When it was accepted, while it waits for its turn. */
  readonly startedAt: number;
  /** `null` while it is not over. */
  readonly completedAt: number | null;
  /** So far, while it runs. */
  readonly durationMs: number;
  /** Why it did not succeed: `CODE: message`. */
  readonly error: string | null;
}

/** Which runs a list holds. */
export interface RunQuery {
  /** At most so many; all by default. */
  readonly limit?: number;
  /** Only those with one of these; any by default. */
  readonly status?: readonly RunStatus[];
  /** Only those accepted before the run of this id. */
  readonly before?: string;
  /** Only those accepted then or later. Epoch milliseconds. */
  readonly createdAfter?: number;
  /** Only those accepted then or earlier. Epoch milliseconds. */
  readonly createdBefore?: number;
}
