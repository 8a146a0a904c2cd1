import { type Clock, systemClock } from "../engine/clock/mod.ts";
import { createRedactor, type Secrets } from "../engine/context/mod.ts";
import { PdError } from "../engine/errors/mod.ts";
import type { ExecutionResult, LogLevel } from "../engine/executor/mod.ts";
import type { JsonObject, JsonValue } from "../engine/json/mod.ts";
import type {
  StartedRun,
  TriggeredStart,
  TriggerHost,
  TriggerMetric,
} from "../engine/triggers/trigger.ts";

/** What a run of a test gets. */
export interface FakeRunCall {
  readonly runId: string;
  readonly input: JsonValue;
  readonly trigger: JsonObject;
  readonly key: string | undefined;
}

/** How a fake host is set up. */
export interface FakeHostOptions {
  readonly workflow?: string;
  readonly config?: JsonObject;
  readonly secrets?: Secrets;
  readonly clock?: Clock;
  /** Keys that outlive a host: what a storage would keep. */
  readonly storage?: FakeRuns;
  /** What a run does; what it throws makes it fail. */
  run(call: FakeRunCall): Promise<JsonValue> | JsonValue;
}

/** One line of the log. */
export interface LoggedLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: JsonObject;
}

/** Runs by idempotency key: what several hosts may share. */
export type FakeRuns = Map<
  string,
  { readonly runId: string; readonly result: Promise<ExecutionResult> }
>;

/** A host whose runs are functions: remembers each, and lets a test wait for them. */
export class FakeTriggerHost implements TriggerHost {
  readonly workflow: string;
  readonly clock: Clock;
  readonly config: JsonObject;
  readonly secrets: Secrets;
  readonly redactor: TriggerHost["redactor"];
  /** Every run that was started, in order. */
  readonly calls: FakeRunCall[] = [];
  readonly lines: LoggedLine[] = [];
  readonly counts: { [metric in TriggerMetric]?: number } = {};
  /** Thrown by the next starts, one each. */
  readonly refusals: PdError[] = [];
  /** How many runs were going on at once, at most. */
  mostAtOnce = 0;
  #going = 0;
  readonly #runs: FakeRuns;
  readonly #options: FakeHostOptions;
  readonly #waiting = new Set<() => void>();

  constructor(options: FakeHostOptions) {
    this.#options = options;
    this.workflow = options.workflow ?? "orders";
    this.clock = options.clock ?? systemClock;
    this.config = options.config ?? {};
    this.secrets = options.secrets ?? {};
    this.redactor = createRedactor(this.secrets);
    this.#runs = options.storage ?? new Map();
  }

  random(): number {
    return 0.5;
  }

  start(input: JsonValue, { trigger, idempotency }: TriggeredStart): Promise<StartedRun> {
    const refusal = this.refusals.shift();
    if (refusal !== undefined) return Promise.reject(refusal);
    const key = idempotency && `${idempotency.scope} ${idempotency.key}`;
    const known = key === undefined ? undefined : this.#runs.get(key);
    if (known !== undefined) return Promise.resolve({ ...known, isNew: false, cancel() {} });
    const runId = crypto.randomUUID();
    const call = { runId, input, trigger, key };
    this.calls.push(call);
    const result = this.#run(call);
    if (key !== undefined) this.#runs.set(key, { runId, result });
    this.#tell();
    return Promise.resolve({ runId, isNew: true, result, cancel() {} });
  }

  /** Resolves as soon as `condition` holds; looked at after each run, log line and count. */
  async until(condition: () => boolean, what = "the condition"): Promise<void> {
    const limit = AbortSignal.timeout(30_000);
    while (!condition()) {
      await new Promise<void>((resolve, reject) => {
        const fail = () => reject(new Error(`${what} does not come true:\n${this.logText()}`));
        limit.addEventListener("abort", fail, { once: true });
        this.#waiting.add(() => {
          limit.removeEventListener("abort", fail);
          resolve();
        });
      });
    }
  }

  /** The log as text. */
  logText(): string {
    return this.lines.map(({ level, message, fields }) => {
      return `${level} ${message} ${JSON.stringify(fields)}`;
    }).join("\n");
  }

  running(): readonly StartedRun[] {
    return [];
  }

  getState(): Promise<JsonValue | undefined> {
    return Promise.resolve(undefined);
  }

  updateState(
    _name: string,
    change: (old: JsonValue | undefined) => JsonValue,
  ): Promise<JsonValue> {
    return Promise.resolve(change(undefined));
  }

  log(level: LogLevel, message: string, fields: JsonObject = {}): void {
    this.lines.push({ level, message, fields });
    this.#tell();
  }

  count(_name: string, metric: TriggerMetric, value: number): void {
    this.counts[metric] = (this.counts[metric] ?? 0) + value;
    this.#tell();
  }

  async #run(call: FakeRunCall): Promise<ExecutionResult> {
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#going);
    const startedAt = this.clock.now();
    let outcome: Pick<ExecutionResult, "outputs" | "errors">;
    try {
      outcome = { outputs: { work: await this.#options.run(call) }, errors: {} };
    } catch (error) {
      const { message } = error as Error;
      const code = error instanceof PdError ? error.code : "NODE_FAILED";
      outcome = { outputs: {}, errors: { work: `${code}: ${message}` } };
    }
    this.#going--;
    this.#tell();
    const success = Object.keys(outcome.errors).length === 0;
    const completedAt = this.clock.now();
    return this.redactor.result({
      success,
      status: success ? "succeeded" : "failed",
      runId: call.runId,
      ...outcome,
      timing: { startedAt, completedAt, durationMs: completedAt - startedAt, nodeTimings: {} },
    });
  }

  #tell(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }
}
