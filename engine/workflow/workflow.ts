import type { Clock } from "../clock/mod.ts";
import type { CompiledDag } from "../compiler/mod.ts";
import { CodedError, PdError } from "../errors/mod.ts";
import type { RunEvent } from "../executor/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import type { RunnerStats } from "../nodes/mod.ts";
import { checkInput, type Diagnostic, type WorkflowSpec } from "../spec/mod.ts";
import { type FolderChange, watchFolder } from "./folder_watch.ts";
import { Generation, type GenerationParts } from "./generation.ts";
import { InputInvalidError } from "./input_invalid_error.ts";
import { measureJson } from "./json_measure.ts";
import { type NodeReport, runNodeOnce, type RunNodeOptions } from "./node_report.ts";
import type { Run, RunQuery, RunSummary, StartOptions } from "./run.ts";
import { RunHistory, type RunHistoryOptions } from "./run_history.ts";
import { cancelled, WorkflowRun } from "./workflow_run.ts";

/** The deepest nesting of an input; every recursive walk over it stays far from the stack's end. */
const MAX_INPUT_DEPTH = 500;
const MANUAL_TRIGGER: JsonValue = { type: "manual" };

/** What a workflow is made of; `openWorkflow` fills it in. */
export interface WorkflowParts {
  readonly dir: string;
  readonly file: string;
  readonly clock: Clock;
  readonly history: RunHistoryOptions;
  /** Folders and files beside `dir` whose change is a change of the workflow. */
  readonly watchAlso: readonly string[];
  random(): number;
  newRunId(): string;
  onWarning(message: string): void;
  /** Reads the folder and builds the whole of it anew, as that version. */
  load(version: number): Promise<GenerationParts>;
}

/** The version of a workflow that new runs use. */
export interface CurrentVersion {
  readonly spec: WorkflowSpec;
  readonly dag: CompiledDag;
  /** Warnings; there are no errors in a workflow that is open. */
  readonly diagnostics: readonly Diagnostic[];
  /** 1 for the folder as it was opened, then one more for each reload. */
  readonly version: number;
}

/** What `watch` tells about each change that it acted on. */
export type ReloadOutcome =
  | { readonly status: "reloaded"; readonly version: number; readonly changed: readonly string[] }
  /** The old version goes on. `error` may be a `WorkflowInvalidError` with all diagnostics. */
  | { readonly status: "failed"; readonly error: Error; readonly changed: readonly string[] };

/** Figures of a workflow at this moment. */
export interface WorkflowStats extends RunnerStats {
  readonly activeRuns: number;
  readonly finishedRuns: number;
  readonly historyBytes: number;
  /** The message of the newest reload when it failed. */
  readonly reloadError: string | undefined;
}

/** A workflow folder that is open: its current version, and its runs. */
export class Workflow implements AsyncDisposable {
  readonly dir: string;
  readonly file: string;
  readonly #parts: WorkflowParts;
  readonly #history: RunHistory;
  #generation: Generation;
  #listeners: readonly ((event: RunEvent) => void)[] = [];
  #reloading: Promise<unknown> = Promise.resolve();
  #reloadError: string | undefined;
  readonly #retiring = new Set<Promise<void>>();
  #draining = false;
  #closed = false;

  constructor(parts: WorkflowParts, first: GenerationParts) {
    this.dir = parts.dir;
    this.file = parts.file;
    this.#parts = parts;
    this.#history = new RunHistory(parts.history);
    this.#generation = new Generation(1, first);
  }

  /** The version that the next run will use. */
  get current(): CurrentVersion {
    const { version, parts: { spec, dag, diagnostics } } = this.#generation;
    return { spec, dag, diagnostics, version };
  }

  /** True once `drain` was called: no run starts any more. */
  get draining(): boolean {
    return this.#draining;
  }

  /** Runs that are not over. */
  get activeRuns(): number {
    return this.#history.active.size;
  }

  /** What goes on at this moment, in figures. */
  stats(): WorkflowStats {
    const { count, bytes } = this.#history.finished;
    return {
      activeRuns: this.activeRuns,
      finishedRuns: count,
      historyBytes: bytes,
      ...this.#generation.parts.runner.stats(),
      reloadError: this.#reloadError,
    };
  }

  /**
   * Starts a run on the current version; `input` is `{}` when there is none.
   *
   * @throws {PdError} `INPUT_INVALID` (an `InputInvalidError` with every problem), `DRAINING`
   */
  start(input: JsonValue = {}, options: StartOptions = {}): Run {
    if (this.#draining) throw draining(this.current.spec.name);
    const generation = this.#generation;
    const { spec, dag, executor, runner, redactor } = generation.parts;
    if (measureJson(input, MAX_INPUT_DEPTH).depth > MAX_INPUT_DEPTH) throw tooDeep(spec.name);
    const checked = checkInput(spec.inputs, input);
    if (!checked.ok) throw new InputInvalidError(spec.name, checked.problems);
    const run = new WorkflowRun({
      info: {
        id: options.id ?? this.#parts.newRunId(),
        workflow: spec.name,
        version: spec.version,
        trigger: options.trigger ?? MANUAL_TRIGGER,
      },
      dag,
      clock: this.#parts.clock,
      random: this.#parts.random,
      redactor,
      onEvent: (event) => this.#tell(event),
    });
    generation.acquire();
    this.#history.add(run);
    const unlink = this.#limit(run, options);
    run.begin(executor, runner, checked.value);
    run.result.then(() => {
      unlink();
      this.#history.finish(run);
      generation.release();
    });
    return run;
  }

  /**
   * Runs one node once, without the rest of the workflow: what a fixture checks. The node's own timeout
   * holds. Secrets of the workflow are redacted in what comes back; those of `options` are not.
   *
   * @throws {PdError} `TARGET_NOT_FOUND` when there is no such node
   */
  async runNode(node: string, options: RunNodeOptions): Promise<NodeReport> {
    const generation = this.#generation;
    generation.acquire();
    try {
      return await runNodeOnce(node, options, {
        ...generation.parts,
        clock: this.#parts.clock,
        runId: this.#parts.newRunId(),
      });
    } finally {
      generation.release();
    }
  }

  /** The run of that id, while it goes on and as long as it is remembered. */
  run(id: string): Run | undefined {
    return this.#history.get(id);
  }

  /** Runs that are remembered, newest first. */
  runs(query: RunQuery = {}): readonly RunSummary[] {
    return this.#history.list(query).map((run) => run.summary);
  }

  /** The value as it may be seen: without the secrets of the current version. */
  redact(value: JsonValue): JsonValue {
    return this.#generation.parts.redactor.value(value);
  }

  /** Calls back with each redacted event of every run; the returned function ends it. */
  subscribe(listener: (event: RunEvent) => void): () => void {
    this.#listeners = [...this.#listeners, listener];
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== listener);
    };
  }

  /** Resolves when every module is checked and the first hosts are up; rejects with `NODE_INVALID` and the like. */
  ready(): Promise<void> {
    return this.#generation.parts.runner.ready();
  }

  /**
   * Reads the folder again and swaps to it at once when all of it is good. Runs in flight finish on the
   * old version. Rejects, and leaves the old version in place, when anything is wrong.
   */
  reload(): Promise<void> {
    const reloaded = this.#reloading.then(() => this.#swap());
    this.#reloading = reloaded.catch(() => {});
    return reloaded;
  }

  /** Reloads after each change in the folder or in the secrets, until disposed. Never throws. */
  watch(onReload: (outcome: ReloadOutcome) => void): AsyncDisposable {
    return watchFolder({
      dir: this.dir,
      also: this.#parts.watchAlso,
      clock: this.#parts.clock,
      isIgnored: (path) => this.#isWrittenByNodes(path),
      onChange: async ({ changed }: FolderChange) => {
        try {
          await this.reload();
          onReload({ status: "reloaded", version: this.current.version, changed });
        } catch (error) {
          onReload({ status: "failed", error: asError(error), changed });
        }
      },
    });
  }

  /** Starts no more runs, waits up to `graceMs` for those that go on, and cancels the rest. */
  async drain(graceMs: number): Promise<void> {
    this.#draining = true;
    const over = this.#allOver();
    const inTime = await this.#within(graceMs, over);
    if (inTime) return;
    this.#cancelAll("the engine is shutting down");
    await over;
  }

  /** Cancels every run, and stops the hosts. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#draining = true;
    this.#closed = true;
    this.#cancelAll("its workflow was closed");
    await this.#reloading;
    await this.#allOver();
    await Promise.all([this.#generation.retire(), ...this.#retiring]);
  }

  async #swap(): Promise<void> {
    if (this.#closed) throw draining(this.current.spec.name);
    try {
      const version = this.#generation.version + 1;
      const parts = await this.#parts.load(version);
      try {
        await parts.runner.ready();
      } catch (error) {
        await parts.runner[Symbol.asyncDispose]();
        throw error;
      }
      const old = this.#generation;
      this.#generation = new Generation(version, parts);
      this.#reloadError = undefined;
      const retiring = old.retire();
      this.#retiring.add(retiring);
      retiring.finally(() => this.#retiring.delete(retiring)).catch(() => {});
    } catch (error) {
      this.#reloadError = asError(error).message;
      throw error;
    }
  }

  #tell(event: RunEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        // Whoever looks on must not break the run.
        this.#parts.onWarning(`a listener failed at ${event.kind}: ${asError(error).message}`);
      }
    }
  }

  /** Applies the run's timeout and its caller's signal; the returned function takes both away. */
  #limit(run: WorkflowRun, { signal, timeoutMs }: StartOptions): () => void {
    if (signal === undefined && timeoutMs === undefined) return doNothing;
    const stopTimer = timeoutMs === undefined
      ? doNothing
      : this.#parts.clock.after(timeoutMs, () => run.stop(timedOut(run.id, timeoutMs)));
    function onAbort(): void {
      run.stop(
        signal?.reason instanceof PdError
          ? signal.reason
          : cancelled(run.id, "its caller gave it up"),
      );
    }
    if (signal?.aborted) onAbort();
    else signal?.addEventListener("abort", onAbort, { once: true });
    return () => {
      stopTimer();
      signal?.removeEventListener("abort", onAbort);
    };
  }

  #cancelAll(why: string): void {
    for (const run of this.#history.active) run.stop(cancelled(run.id, why));
  }

  async #allOver(): Promise<void> {
    await Promise.all([...this.#history.active].map((run) => run.result));
  }

  #within(delayMs: number, work: Promise<void>): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const stop = this.#parts.clock.after(delayMs, () => resolve(false));
      work.then(() => {
        stop();
        resolve(true);
      }, reject);
    });
  }

  /** Whether a node has leave to write there: its own output is no edit. */
  #isWrittenByNodes(path: string): boolean {
    return this.current.spec.nodes.some((node) =>
      node.kind === "code" && (node.permissions?.write ?? []).some((written) => {
        const root = written.startsWith("/")
          ? written
          : `${this.dir}/${written.replace(/^\.\//, "")}`;
        return path === root || path.startsWith(root.endsWith("/") ? root : `${root}/`);
      })
    );
  }
}

function doNothing(): void {}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function draining(workflow: string): CodedError {
  return new CodedError(
    "DRAINING",
    `Cannot start "${workflow}" as asked: the engine is shutting down`,
    { fix: "Try again in a few seconds, when the next one is up" },
  );
}

function tooDeep(workflow: string): CodedError {
  return new CodedError(
    "INPUT_INVALID",
    `Cannot start "${workflow}" with this input as it is nested too deeply: more than ${MAX_INPUT_DEPTH} levels`,
    { fix: "Send a flatter input" },
  );
}

function timedOut(runId: string, timeoutMs: number): CodedError {
  return new CodedError(
    "RUN_TIMEOUT",
    `Cannot finish run "${runId}" as timed: it took longer than ${timeoutMs} ms`,
    { fix: "Give the run more time, or a node of it a shorter timeout" },
  );
}
