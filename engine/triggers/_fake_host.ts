import { type Clock, FakeClock } from "../clock/mod.ts";
import { createRedactor } from "../context/mod.ts";
import type { CodedError } from "../errors/mod.ts";
import type { ExecutionResult } from "../executor/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import type { StorageError } from "../storage/mod.ts";
import type { StartedRun, TriggeredStart, TriggerHost } from "./trigger.ts";

/** A clock that a test advances, and that somebody may set meanwhile. */
export class SettableClock implements Clock {
  readonly #fake: FakeClock;
  #offsetMs = 0;

  constructor(start: string) {
    this.#fake = new FakeClock(Date.parse(start));
  }

  now(): number {
    return this.#fake.now() + this.#offsetMs;
  }

  monotonic(): number {
    return this.#fake.monotonic();
  }

  after(delayMs: number, callback: () => void): () => void {
    return this.#fake.after(delayMs, callback);
  }

  get pending(): number {
    return this.#fake.pending;
  }

  get nextInMs(): number | undefined {
    return this.#fake.nextInMs;
  }

  advance(byMs: number): Promise<void> {
    return this.#fake.advance(byMs);
  }

  /** Advances to that moment on the wall. */
  advanceTo(time: string): Promise<void> {
    return this.advance(Date.parse(time) - this.now());
  }

  /** Somebody sets the machine's clock: no timer learns of it. */
  set(time: string): void {
    this.#offsetMs = Date.parse(time) - this.#fake.now();
  }
}

/** A run in the storage that the engines of a test share. */
interface FakeRun {
  readonly id: string;
  readonly result: Promise<ExecutionResult>;
  readonly end: () => void;
  readonly triggerName: string;
  isOver: boolean;
}

/** What several engines share: runs by their keys, and the state of triggers. */
export class FakeStorage {
  readonly #runs = new Map<string, FakeRun>();
  readonly #state = new Map<string, JsonValue>();
  /** What happened, a line each: `09:00:00 started daily of 09:00:00`. */
  readonly journal: string[] = [];
  /** Why runs cannot be started at present. */
  failure: StorageError | CodedError | undefined;

  /** An engine on this storage. Runs end by `end`, or with `runMs` by themselves. */
  host(clock: Clock, { random = () => 0, runMs }: FakeHostOptions = {}): TriggerHost {
    const write = (line: string) => this.journal.push(`${timeOf(clock.now())} ${line}`);
    return {
      workflow: "test-flow",
      clock,
      random,
      config: {},
      secrets: {},
      redactor: createRedactor({}),
      start: (input, { trigger, idempotency }: TriggeredStart) => {
        if (this.failure !== undefined) return Promise.reject(this.failure);
        const key = `${idempotency?.scope} ${idempotency?.key}`;
        const known = this.#runs.get(key);
        if (known !== undefined) return Promise.resolve(this.#started(known, false, write));
        const name = String(trigger["name"]);
        const run = this.#newRun(name);
        this.#runs.set(key, run);
        write(`started ${run.id} of ${timeOf(Date.parse(String(trigger["scheduledAt"])))}`);
        this.lastInput = input;
        this.lastStart = { trigger, ...idempotency === undefined ? {} : { idempotency } };
        if (runMs !== undefined) clock.after(runMs, () => this.end(run.id));
        return Promise.resolve(this.#started(run, true, write));
      },
      running: (name) =>
        [...this.#runs.values()].filter((run) => run.triggerName === name && !run.isOver)
          .map((run) => this.#started(run, false, write)),
      getState: (name) => Promise.resolve(this.#state.get(name)),
      updateState: (name, change) => {
        if (this.failure?.code === "STORAGE_UNAVAILABLE") return Promise.reject(this.failure);
        const value = change(this.#state.get(name));
        this.#state.set(name, value);
        return Promise.resolve(value);
      },
      log: (level, message) => {
        if (level !== "info") write(`${level}: ${message}`);
      },
      count: (_name, metric, value) => {
        if (metric !== "lag_ms" || value > 0) write(`${metric} ${value}`);
      },
    };
  }

  lastInput: JsonValue | undefined;
  lastStart: TriggeredStart | undefined;

  /** Ends a run. */
  end(id: string): void {
    for (const run of this.#runs.values()) {
      if (run.id !== id || run.isOver) continue;
      run.isOver = true;
      run.end();
    }
  }

  /** Ends every run. */
  endAll(): void {
    for (const run of this.#runs.values()) this.end(run.id);
  }

  state(name: string): JsonValue | undefined {
    return this.#state.get(name);
  }

  #newRun(triggerName: string): FakeRun {
    const { promise, resolve } = Promise.withResolvers<ExecutionResult>();
    const id = `run-${this.#runs.size + 1}`;
    return { id, triggerName, isOver: false, result: promise, end: () => resolve(resultOf(id)) };
  }

  #started(run: FakeRun, isNew: boolean, write: (line: string) => void): StartedRun {
    return {
      runId: run.id,
      isNew,
      result: run.result,
      cancel: () => {
        if (run.isOver) return;
        write(`cancelled ${run.id}`);
        this.end(run.id);
      },
    };
  }
}

interface FakeHostOptions {
  readonly random?: () => number;
  readonly runMs?: number;
}

function resultOf(runId: string): ExecutionResult {
  return {
    success: true,
    status: "succeeded",
    runId,
    outputs: {},
    errors: {},
    timing: { startedAt: 0, completedAt: 0, durationMs: 0, nodeTimings: {} },
  };
}

/** `03-29 01:00:00`, in UTC. */
function timeOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(5, 19).replace("T", " ");
}
