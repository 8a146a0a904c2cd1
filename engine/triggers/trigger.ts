import type { Clock } from "../clock/mod.ts";
import type { Redactor, Secrets } from "../context/mod.ts";
import type { PdError } from "../errors/mod.ts";
import type { ExecutionResult, LogLevel } from "../executor/mod.ts";
import type { JsonObject, JsonValue } from "../json/mod.ts";

/** A run that a trigger started, or found started by the same key. */
export interface StartedRun {
  readonly runId: string;
  /** False when its idempotency key was known. */
  readonly isNew: boolean;
  /** Redacted; resolves when the run's end is stored. Never rejects for a failed run. */
  readonly result: Promise<ExecutionResult>;
  cancel(): void;
}

/** How a trigger starts a run. */
export interface TriggeredStart {
  /** `{type: "cron", name, scheduledAt}`, `{type: "queue", subject, headers}` …: `ctx.run.trigger`. */
  readonly trigger: JsonObject;
  readonly idempotency?: {
    readonly scope: string;
    readonly key: string;
    readonly ttlMs: number;
    readonly fingerprint?: string;
  };
  /** Called before a new run is accepted, and not for a repetition: what it throws refuses the run. */
  admit?(): void;
}

/** What is counted per trigger; ends up in `/metrics`. */
export type TriggerMetric = "lag_ms" | "missed" | "redelivered" | "dead_lettered" | "refused";

/** All that a trigger may do, and all that it depends on. */
export interface TriggerHost {
  readonly workflow: string;
  readonly clock: Clock;
  /** Even in [0, 1). */
  random(): number;
  readonly config: JsonObject;
  readonly secrets: Secrets;
  readonly redactor: Redactor;
  /**
   * Starts a run, or queues it.
   *
   * @throws {PdError} `INPUT_INVALID`, `QUEUE_FULL`, `DRAINING`, `STORAGE_UNAVAILABLE`, `IDEMPOTENCY_CONFLICT`
   */
  start(input: JsonValue, options: TriggeredStart): Promise<StartedRun>;
  /** Runs of the trigger of that name that are not over. */
  running(triggerName: string): readonly StartedRun[];
  /** State that survives restarts, by trigger name. `update` is atomic among engines. */
  getState(triggerName: string): Promise<JsonValue | undefined>;
  updateState(
    triggerName: string,
    change: (old: JsonValue | undefined) => JsonValue,
  ): Promise<JsonValue>;
  log(level: LogLevel, message: string, fields?: JsonObject): void;
  count(triggerName: string, metric: TriggerMetric, value: number): void;
}

/** A trigger at work. Disposing it stops it at once; `drain` lets what it has taken come to an end. */
export interface Trigger extends AsyncDisposable {
  readonly type: "cron" | "queue" | "webhook";
  readonly name: string;
  /** Why it takes nothing, as something is missing; what is merely out of reach is no obstacle. */
  readonly obstacle?: PdError | undefined;
  /** Takes nothing new; resolves when what it took is done. */
  drain(): Promise<void>;
}
