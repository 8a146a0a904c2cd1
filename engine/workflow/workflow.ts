import type { Clock } from "../clock/mod.ts";
import type { CompiledDag } from "../compiler/mod.ts";
import type { Redactor, Secrets } from "../context/mod.ts";
import { CodedError } from "../errors/mod.ts";
import type { RunEvent } from "../executor/mod.ts";
import { type JsonValue, measureJson } from "../json/mod.ts";
import type { RunnerStats } from "../nodes/mod.ts";
import { checkInput, type Diagnostic, type WorkflowSpec } from "../spec/mod.ts";
import type { Owner, RunRecord, Storage } from "../storage/mod.ts";
import { endRun } from "./end_run.ts";
import { type FolderChange, watchFolder } from "./folder_watch.ts";
import type { GenerationParts } from "./generation.ts";
import { InputInvalidError } from "./input_invalid_error.ts";
import { keptOutputs } from "./kept_outputs.ts";
import { listRuns } from "./list_runs.ts";
import { type NodeReport, runNodeOnce, type RunNodeOptions } from "./node_report.ts";
import { Recovery } from "./recovery.ts";
import { type RetryOf, retryOf } from "./retry_of.ts";
import { RetentionLoop } from "./retention.ts";
import { summaryOf } from "./summary_of.ts";
import { readEvents } from "./read_events.ts";
import { notFound, SecretGoneError } from "./run_errors.ts";
import type { Run, RunQuery, RunSummary, StartOptions } from "./run.ts";
import type { Accepted } from "./accepted.ts";
import { type QueuedRuns, RunKeeper } from "./run_keeper.ts";
import { Versions, type VersionsOptions } from "./versions.ts";
import { isWrittenByNodes } from "./written_by_nodes.ts";

/** The deepest nesting of an input; every recursive walk over it stays far from the stack's end. */
const MAX_INPUT_DEPTH = 500;

/** What a workflow is made of; `openWorkflow` fills it in. */
export interface WorkflowParts extends VersionsOptions {
  readonly dir: string;
  readonly file: string;
  readonly clock: Clock;
  readonly storage: Storage;
  /** The storage ends with the workflow. */
  readonly ownsStorage: boolean;
  readonly owner: Owner;
  /** Which folder or stored workflow the runs belong to. */
  readonly workflowKey: string;
  /** Under which the runs of earlier versions are kept. */
  readonly formerKeys: readonly string[];
  /** How long a run waits for a storage that is out of reach. */
  readonly patienceMs: number;
  /** Folders and files beside `dir` whose change is a change of the workflow. */
  readonly watchAlso: readonly string[];
  random(): number;
  newRunId(): string;
  onWarning(message: string): void;
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
  /** Runs that go on. */
  readonly activeRuns: number;
  /** Runs that wait for their turn. */
  readonly queuedRuns: number;
  /** Runs that came to an end in this engine. */
  readonly finishedRuns: number;
  /** The message of the newest reload when it failed. */
  readonly reloadError: string | undefined;
}

/** A workflow folder that is open: its current version, and its runs. */
export class Workflow implements AsyncDisposable {
  readonly dir: string;
  readonly file: string;
  readonly #parts: WorkflowParts;
  readonly #versions: Versions;
  readonly #keeper: RunKeeper;
  readonly #recovery: Recovery;
  readonly #retention: RetentionLoop;
  #listeners: readonly ((event: RunEvent) => void)[] = [];

  constructor(parts: WorkflowParts, first: GenerationParts) {
    this.dir = parts.dir;
    this.file = parts.file;
    this.#parts = parts;
    const versions = this.#versions = new Versions(first, parts);
    const { storage, owner, workflowKey, clock, onWarning } = parts;
    this.#keeper = new RunKeeper({
      storage,
      owner,
      workflowKey,
      formerKeys: parts.formerKeys,
      clock,
      onWarning,
      patienceMs: parts.patienceMs,
      random: parts.random,
      newRunId: parts.newRunId,
      queue: first.spec.config.queue,
      onEvent: (event) => this.#tell(event),
      views: () => versions.current.parts,
      takeUp: async (runId) => void await this.#recovery.take(runId),
    });
    const common = { storage, owner, workflowKey, clock, onWarning };
    this.#recovery = new Recovery({ ...common, versions, keeper: this.#keeper });
    this.#retention = new RetentionLoop({
      ...common,
      config: () => versions.current.parts.spec.config.retention,
    });
  }

  /** The version that the next run will use. */
  get current(): CurrentVersion {
    const { version, parts: { spec, dag, diagnostics } } = this.#versions.current;
    return { spec, dag, diagnostics, version };
  }

  /** The secrets of the current version, for what starts runs. They must never leave the engine. */
  get secrets(): Secrets {
    return this.#versions.current.parts.secrets;
  }

  /** Takes the secrets of the current version out of whatever leaves the engine. */
  get redactor(): Redactor {
    return this.#versions.current.parts.redactor;
  }

  /** Where its runs are kept. */
  get storage(): Storage {
    return this.#parts.storage;
  }

  /** Under which key its runs are kept: the folder, or a name. */
  get workflowKey(): string {
    return this.#parts.workflowKey;
  }

  /** Under which keys its runs are found: its own, which new runs get, and those of earlier versions. */
  get workflowKeys(): readonly string[] {
    return [this.#parts.workflowKey, ...this.#parts.formerKeys];
  }

  /** True once `drain` was called: no run starts any more. */
  get draining(): boolean {
    return this.#keeper.draining;
  }

  /** Runs that go on in this engine. */
  get activeRuns(): number {
    return this.#keeper.queue.stats.running;
  }

  /** Runs that this engine owns: those that go on, and those that wait for their turn. */
  get liveRuns(): readonly Run[] {
    return [...this.#keeper.live.values()];
  }

  /** The run of that id, when this engine owns it and it is not over. */
  liveRun(id: string): Run | undefined {
    return this.#keeper.live.get(id);
  }

  /** What goes on at this moment, in figures. */
  stats(): WorkflowStats {
    return {
      activeRuns: this.activeRuns,
      queuedRuns: this.#keeper.queue.stats.waiting,
      finishedRuns: this.#keeper.finished,
      ...this.#versions.current.parts.runner.stats(),
      reloadError: this.#versions.reloadError,
    };
  }

  /**
   * Starts a run on the current version, or finds the one that its idempotency key started; `input` is `{}`
   * when there is none. When this resolves the run is stored, and will be finished.
   *
   * @throws {PdError} `INPUT_INVALID` (an `InputInvalidError` with every problem), `DRAINING`, `QUEUE_FULL`,
   *   `IDEMPOTENCY_CONFLICT`, `RUN_GONE`, `STORAGE_UNAVAILABLE`
   */
  async start(input: JsonValue = {}, options: StartOptions = {}): Promise<Run> {
    return (await this.accept(input, options)).run;
  }

  /** As `start`, and says whether the run is new. */
  async accept(input: JsonValue = {}, options: StartOptions = {}): Promise<Accepted> {
    const { spec } = this.#versions.current.parts;
    if (measureJson(input, MAX_INPUT_DEPTH).depth > MAX_INPUT_DEPTH) throw tooDeep(spec.name);
    const checked = checkInput(spec.inputs, input);
    if (!checked.ok) throw new InputInvalidError(spec.name, checked.problems);
    return await this.#keeper.accept(this.#versions.current, checked.value, options);
  }

  /**
   * Takes up the workflow's unfinished runs that no living engine has, and from now on those that another
   * engine leaves behind; what is older than `config.retention` says is deleted from time to time. For an
   * engine that lives long. A storage that does not answer is asked again.
   */
  async recover(): Promise<void> {
    this.#retention.start();
    await this.#recovery.keepTaking();
  }

  /** Takes up unfinished runs that no living engine has, once: the one of that id, or all. */
  resume(runId?: string): Promise<readonly Run[]> {
    return this.#recovery.take(runId);
  }

  /**
   * Runs the current version with the input of an earlier run, as a new run; of a commit, that commit again. With
   * `from` the outputs of nodes that do not depend on that node are taken over. `user` is who asks, for the record.
   *
   * @throws {PdError} `RUN_NOT_FOUND`, `TARGET_NOT_FOUND` for an unknown node, `SECRET_GONE`, and what `start` throws
   */
  async retry(
    runId: string,
    { from, user, ...options }: Omit<StartOptions, "trigger"> & RetryOf = {},
  ): Promise<Run> {
    const { storage } = this.#parts;
    const stored = await storage.getRun(runId);
    if (stored === undefined || !this.workflowKeys.includes(stored.workflowKey)) {
      throw notFound(runId);
    }
    await using held = await this.#versions.holdForRetry(stored.spec);
    const { generation } = held;
    const { dag, references } = generation.parts;
    const input = references.restore(stored.input);
    if (input.missing.length > 0) throw new SecretGoneError("input", input.missing);
    const kept = from === undefined
      ? undefined
      : keptOutputs(dag, await readEvents(storage, runId), { from, references });
    const { run } = await this.#keeper.accept(generation, input.value, {
      ...options,
      trigger: retryOf(stored, { from, user }),
      ...kept === undefined ? {} : { kept },
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
    const generation = this.#versions.current;
    const { clock, onWarning } = this.#parts;
    const runId = this.#parts.newRunId();
    generation.acquire();
    try {
      return await runNodeOnce(node, options, {
        ...generation.parts,
        clock,
        runId,
      });
    } finally {
      await endRun(runId, { runner: generation.parts.runner, clock, onWarning });
      generation.release();
    }
  }

  /** The run of that id: the live one of this engine, else what the storage has of it. */
  run(id: string): Promise<Run | undefined> {
    return this.#keeper.get(id);
  }

  /** Runs of this workflow in the storage, newest first. */
  runs(query: RunQuery = {}): Promise<readonly RunSummary[]> {
    const { workflowKeys } = this;
    const { storage, clock } = this.#parts;
    const views = this.#versions.current.parts;
    return listRuns(query, { storage, workflowKeys, views, now: clock.now() });
  }

  /** A record of one of its runs as a list shows it. */
  summaryOf(record: RunRecord): RunSummary {
    return summaryOf(record, this.#versions.current.parts, this.#parts.clock.now());
  }

  /** Where a run of this engine waits: 1 for the one that starts next; undefined for one that does not. */
  queuePosition(runId: string): number | undefined {
    return this.#keeper.queue.position(runId);
  }

  /** The value as it may be seen: without the secrets of the current version. */
  redact(value: JsonValue): JsonValue {
    return this.#versions.current.parts.redactor.value(value);
  }

  /** Calls back with each redacted event of every run here, once it is stored; the returned function ends it. */
  subscribe(listener: (event: RunEvent) => void): () => void {
    this.#listeners = [...this.#listeners, listener];
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== listener);
    };
  }

  /** Resolves when every module is checked and the first hosts are up; rejects with `NODE_INVALID` and the like. */
  ready(): Promise<void> {
    return this.#versions.current.parts.runner.ready();
  }

  /**
   * Reads the folder again and swaps to it at once when all of it is good. Runs in flight finish on the
   * old version. Rejects, and leaves the old version in place, when anything is wrong.
   */
  async reload(): Promise<void> {
    await this.#versions.reload();
    this.#keeper.configure(this.current.spec.config.queue);
    this.#retention.configure();
  }

  /** Reloads after each change in the folder or in the secrets, until disposed. Never throws. */
  watch(onReload: (outcome: ReloadOutcome) => void): AsyncDisposable {
    return watchFolder({
      dir: this.dir,
      also: this.#parts.watchAlso,
      clock: this.#parts.clock,
      isIgnored: (path) => isWrittenByNodes(this.current.spec, { dir: this.dir, path }),
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

  /**
   * Starts no more runs, waits up to `graceMs` for those that go on, and gives the rest up: on a durable
   * storage they are `interrupted` and go on at the next start, in memory they are cancelled. Called again, the
   * shorter wait counts.
   */
  drain(graceMs: number, options: { readonly queued?: QueuedRuns } = {}): Promise<void> {
    return this.#keeper.drain(graceMs, options.queued);
  }

  /** Gives up every run as `drain` does, without a grace, and stops the hosts. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#keeper.close("its workflow was closed");
    await this.#recovery[Symbol.asyncDispose]();
    await this.#keeper[Symbol.asyncDispose]();
    await this.#versions[Symbol.asyncDispose]();
    await this.#retention[Symbol.asyncDispose]();
    if (this.#parts.ownsStorage) await this.#parts.storage[Symbol.asyncDispose]();
  }

  #tell(event: RunEvent): void {
    if ("durationMs" in event && !("node" in event)) this.#retention.ended();
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        // Whoever looks on must not break the run.
        this.#parts.onWarning(`a listener failed at ${event.kind}: ${asError(error).message}`);
      }
    }
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function tooDeep(workflow: string): CodedError {
  return new CodedError(
    "INPUT_INVALID",
    `Cannot start "${workflow}" with this input as it is nested too deeply: more than ${MAX_INPUT_DEPTH} levels`,
    { fix: "Send a flatter input" },
  );
}
