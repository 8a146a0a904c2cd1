import type { Clock } from "../clock/mod.ts";
import type { CompiledDag } from "../compiler/mod.ts";
import { CodedError, PdError } from "../errors/mod.ts";
import {
  type ExecutionResult,
  leftOverOf,
  recordOf,
  type ResumedNodes,
  type RunEvent,
  type RunEventBody,
  type RunInfo,
  type RunStatus,
} from "../executor/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import type { Lease, Owner, RunUpdate, Storage } from "../storage/mod.ts";
import { EventWriter } from "./event_writer.ts";
import type { GenerationParts } from "./generation.ts";
import { endRun } from "./end_run.ts";
import { cancelled } from "./run_errors.ts";
import { programOutput, wholeOutputNodes } from "./program_output.ts";
import { RunLog } from "./run_log.ts";
import type { Run, RunSummary } from "./run.ts";

/** What a run needs to go on. */
export interface WorkflowRunOptions {
  readonly info: RunInfo;
  /** The version of the workflow that it runs on. */
  readonly parts: Pick<
    GenerationParts,
    "dag" | "executor" | "runner" | "redactor" | "references"
  >;
  readonly input: JsonValue;
  readonly storage: Storage;
  readonly lease: Lease;
  readonly owner: Owner;
  readonly clock: Clock;
  readonly patienceMs: number;
  /** It was accepted here and now, not taken up. */
  readonly isNew: boolean;
  readonly status: "queued" | "running";
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly startedAt: number | undefined;
  /** What happened before it was taken up again, as it may be seen. */
  readonly before: readonly RunEvent[];
  readonly resume: ResumedNodes | undefined;
  /** Outputs that it takes over from an earlier run, by node. */
  readonly kept?: ReadonlyMap<string, JsonValue> | undefined;
  random(): number;
  /** Sees each redacted event once it is stored. */
  onEvent(event: RunEvent): void;
  onWarning(message: string): void;
  /** Its end was asked for, and is still to come. */
  onStop(): void;
  /** The run was given up, and the storage could not be told. */
  onUnreleased(lease: Lease): void;
}

/**
 * One run that this engine owns, from its acceptance to its end or until it is given up: it drives the
 * executor, writes what happens to the storage, and answers who asks.
 */
export class WorkflowRun implements Run {
  readonly id: string;
  readonly dag: CompiledDag;
  readonly #options: WorkflowRunOptions;
  readonly #log: RunLog;
  readonly #writer: EventWriter;
  readonly #abort = new AbortController();
  readonly #result = Promise.withResolvers<ExecutionResult>();
  #status: RunStatus;
  #startedAt: number | undefined;
  #completedAt: number | null = null;
  #error: string | null = null;
  #hasBegun = false;
  /** Its last event is on its way to the storage. */
  #isEnding = false;
  /** Why this engine has given it up. */
  #left: PdError | undefined;

  constructor(options: WorkflowRunOptions) {
    const { info, parts, storage, lease, owner, clock, patienceMs, before } = options;
    this.id = info.id;
    this.dag = parts.dag;
    this.#options = options;
    this.#status = options.status;
    this.#startedAt = options.startedAt;
    this.#log = new RunLog(before);
    this.#writer = new EventWriter({
      storage,
      lease,
      owner,
      clock,
      patienceMs,
      redactor: parts.redactor,
      references: parts.references,
      wholeOutput: wholeOutputNodes(this.dag),
      lastSeq: before.at(-1)?.seq ?? 0,
      onStored: (events) => this.#tell(events),
      onFailed: (error) => this.#leave(asPdError(error)),
    });
  }

  get status(): RunStatus {
    return this.#status;
  }

  get result(): Promise<ExecutionResult> {
    return this.#result.promise;
  }

  get input(): JsonValue {
    return this.#options.parts.redactor.value(this.#options.input);
  }

  get summary(): RunSummary {
    const { info, clock, createdAt } = this.#options;
    const startedAt = this.#startedAt ?? createdAt;
    return {
      runId: this.id,
      status: this.#status,
      workflow: info.workflow,
      version: info.version,
      trigger: this.#options.parts.redactor.value(info.trigger),
      createdAt,
      startedAt,
      completedAt: this.#completedAt,
      durationMs: this.#status === "queued" ? 0 : (this.#completedAt ?? clock.now()) - startedAt,
      error: this.#error,
    };
  }

  /** Says that it waits for its turn. */
  waits(position: number | undefined): void {
    this.#emit({ kind: "run.queued", ...position === undefined ? {} : { position } });
  }

  /** Starts executing; called once. Does nothing when it is over, or given up. */
  begin(): void {
    if (this.#hasBegun || this.#isEnding || this.#left !== undefined) return;
    this.#hasBegun = true;
    this.#status = "running";
    this.#startedAt ??= this.#options.clock.now();
    this.#drive().then(this.#result.resolve);
  }

  /** Ends the run with `reason` as its error, unless it is over. */
  stop(reason: PdError): void {
    this.#options.onStop();
    if (this.#hasBegun) this.#abort.abort(reason);
    else this.#endUnbegun("cancelled", reason);
  }

  /** Ends a run that has not begun here as failed: it cannot go on. */
  fail(error: PdError): void {
    if (!this.#hasBegun) this.#endUnbegun("failed", error);
  }

  cancel(): void {
    this.stop(cancelled(this.id, "it was cancelled"));
  }

  /** Gives the run up without ending it: whoever claims it next goes on. Its nodes are stopped. */
  interrupt(reason: PdError): void {
    if (this.#isEnding || this.#left !== undefined) return;
    this.#writer.seal();
    this.#leave(reason);
  }

  /** Somebody else owns the run: nothing more is written of it. */
  lose(reason: PdError): void {
    // Its last write will tell.
    if (this.#isEnding) return;
    this.#writer.abandon(reason);
  }

  events(afterSeq = 0, signal?: AbortSignal): AsyncIterable<RunEvent> {
    return this.#log.follow(afterSeq, signal);
  }

  eventsSoFar(afterSeq = 0, limit?: number): Promise<readonly RunEvent[]> {
    return Promise.resolve(this.#log.after(afterSeq, limit));
  }

  changed(afterSeq: number, signal?: AbortSignal): Promise<void> {
    return this.#log.changed(afterSeq, signal);
  }

  async #drive(): Promise<ExecutionResult> {
    const { parts: { dag, executor, runner }, info, input, clock } = this.#options;
    const resume = this.#options.resume ?? this.#takeOver();
    try {
      const result = await executor.execute(dag, runner, {
        run: info,
        signal: this.#abort.signal,
        emit: (event) => this.#emit(event),
        outputOf: async (node, lastBytes) => {
          await this.#writer.settle();
          return programOutput(this.#log, node, lastBytes);
        },
        clock,
        random: this.#options.random,
        ...resume === undefined ? {} : { resume },
      }, input);
      await this.#endContainers();
      if (this.#left !== undefined) return await this.#given(this.#left, result);
      // Without an end among its events nobody who follows them would learn of it.
      if (!this.#isEnding) throw new Error("the run ended without an event that says so");
      return this.#shown(result);
    } catch (cause) {
      await this.#endContainers();
      if (this.#left !== undefined) return await this.#given(this.#left);
      return await this.#broken(cause);
    } finally {
      this.#log.close();
    }
  }

  /** Before the result is known, and before anybody else may claim the run: nothing of it is left then. */
  #endContainers(): Promise<void> {
    const { parts: { runner }, clock, onWarning } = this.#options;
    return endRun(this.id, { runner, clock, onWarning });
  }

  /** A run that keeps outputs of an earlier one goes on from there, as if it had been taken up again. */
  #takeOver(): ResumedNodes | undefined {
    const { parts: { dag }, info, input, clock, kept } = this.#options;
    if (kept === undefined || kept.size === 0) return undefined;
    const { workflow, version, trigger } = info;
    this.#emit({ kind: "run.started", workflow, version, input, trigger });
    const now = clock.now();
    const nodes = dag.nodes.map(({ id: node }): ResumedNodes["nodes"][number] => {
      const output = kept.get(node);
      if (output === undefined) return undefined;
      this.#emit({ kind: "node.succeeded", node, attempt: 0, durationMs: 0, output });
      return { status: "succeeded", output, attempts: 0, startedAt: now, completedAt: now };
    });
    return { startedAt: now, nodes };
  }

  /** Hands an event to the writer; what nobody is to know of a run that was given up is left out. */
  #emit(body: RunEventBody): void | Promise<void> {
    if (this.#isEnding || this.#writer.failure !== undefined) return;
    // Work that got done while the run was being given up is done.
    if (this.#left !== undefined && !DONE_ALL_THE_SAME.has(body.kind)) return;
    return this.#writer.add(body, this.#updateFor(body));
  }

  #updateFor(body: RunEventBody): RunUpdate | undefined {
    switch (body.kind) {
      case "run.started":
        // One that began at once was stored so.
        return this.#options.status === "running" && this.#options.isNew
          ? undefined
          : { status: "running", startedAt: this.#began };
      case "run.resumed":
        return { status: "running" };
      case "run.succeeded":
        this.#isEnding = true;
        return { status: "succeeded", completedAt: this.#options.clock.now() };
      case "run.failed":
      case "run.cancelled": {
        this.#isEnding = true;
        const { code, message } = body.error;
        const error = this.#options.parts.redactor.text(`${code}: ${message}`);
        const status = body.kind === "run.failed" ? "failed" : "cancelled";
        return { status, completedAt: this.#options.clock.now(), error };
      }
      default:
        return undefined;
    }
  }

  get #began(): number {
    return this.#startedAt ?? this.#options.createdAt;
  }

  /** Events are stored: now they may be seen. */
  #tell(events: readonly RunEvent[]): void {
    const last = events.at(-1);
    const status = last === undefined ? undefined : END_STATUS[last.kind];
    if (last !== undefined && status !== undefined) {
      this.#status = status;
      this.#completedAt = last.at;
      if ("error" in last) this.#error = `${last.error.code}: ${last.error.message}`;
    }
    this.#log.push(events);
    for (const event of events) this.#options.onEvent(event);
  }

  /** Stops the nodes, and lets the result be `interrupted`. */
  #leave(reason: PdError): void {
    if (this.#left !== undefined) return;
    this.#left = reason;
    if (this.#hasBegun) {
      this.#abort.abort(reason);
    } else if (!this.#isEnding) {
      this.#given(reason).then(this.#result.resolve).finally(() => this.#log.close());
    }
  }

  /** Lets go of a run that is not over, so that it may be claimed at once. */
  async #given(reason: PdError, partial?: ExecutionResult): Promise<ExecutionResult> {
    const { storage, lease } = this.#options;
    await this.#writer.settle();
    if (reason.code !== "LEASE_LOST") {
      try {
        const isWritable = this.#writer.failure === undefined;
        if (this.#hasBegun && isWritable) await this.#writer.update({ status: "interrupted" });
        await storage.releaseRun(lease);
      } catch {
        this.#options.onUnreleased(lease);
      }
    }
    this.#status = "interrupted";
    this.#error = this.#options.parts.redactor.text(`${reason.code}: ${reason.message}`);
    return this.#answer("interrupted", partial);
  }

  #endUnbegun(status: "cancelled" | "failed", reason: PdError): void {
    if (this.#isEnding || this.#left !== undefined) return;
    const error = recordOf(reason);
    for (const body of this.#leftOver()) this.#emit(body);
    const durationMs = this.#options.clock.now() - this.#began;
    const recorded = this.#emit({ kind: `run.${status}`, durationMs, error });
    Promise.resolve(recorded).then(
      () => this.#result.resolve(this.#answer(status)),
      () => this.#given(reason).then(this.#result.resolve),
    ).finally(() => this.#log.close());
  }

  /** What is to be said of the nodes of a run that ends without going on. */
  #leftOver(): readonly RunEventBody[] {
    const { resume, clock } = this.#options;
    return resume === undefined ? [] : leftOverOf(this.dag, resume, clock.now());
  }

  /** The result as it may be seen: outputs from the events, which have passed redaction already. */
  #shown(result: ExecutionResult): ExecutionResult {
    const { parts: { redactor } } = this.#options;
    const outputs: Record<string, JsonValue> = {};
    for (const event of this.#log.after(0)) {
      if (event.kind === "node.succeeded" && event.node in result.outputs) {
        outputs[event.node] = event.output;
      }
    }
    const errors: Record<string, string> = {};
    for (const node in result.errors) errors[node] = redactor.text(result.errors[node] ?? "");
    // One end for whoever reads the result and whoever reads the run.
    const completedAt = this.#completedAt ?? result.timing.completedAt;
    return { ...result, outputs, errors, timing: { ...result.timing, completedAt } };
  }

  /** The executor threw, which is a defect of the engine: the run fails, and its caller gets an answer. */
  async #broken(cause: unknown): Promise<ExecutionResult> {
    const error = recordOf(cause);
    const durationMs = this.#options.clock.now() - this.#began;
    try {
      await this.#emit({ kind: "run.failed", durationMs, error });
    } catch (error) {
      return await this.#given(asPdError(error));
    }
    return this.#answer("failed");
  }

  /** The answer for a run that did not come to the executor's own end. */
  #answer(status: RunStatus, partial?: ExecutionResult): ExecutionResult {
    const completedAt = this.#completedAt ?? this.#options.clock.now();
    const outputs = partial === undefined ? {} : this.#shown(partial).outputs;
    return {
      success: false,
      status,
      runId: this.id,
      outputs,
      errors: { [this.#options.info.workflow]: this.#error ?? "INTERNAL" },
      timing: {
        startedAt: this.#began,
        completedAt,
        durationMs: completedAt - this.#began,
        nodeTimings: {},
      },
    };
  }
}

const DONE_ALL_THE_SAME: ReadonlySet<string> = new Set(["node.succeeded", "task.completed", "log"]);

const END_STATUS: { readonly [kind: string]: RunStatus | undefined } = {
  "run.succeeded": "succeeded",
  "run.failed": "failed",
  "run.cancelled": "cancelled",
};

function asPdError(error: unknown): PdError {
  if (error instanceof PdError) return error;
  return new CodedError("INTERNAL", error instanceof Error ? error.message : String(error), {
    cause: error,
  });
}
