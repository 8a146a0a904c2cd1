import type { Clock } from "../clock/mod.ts";
import type { CompiledDag } from "../compiler/mod.ts";
import type { Redactor } from "../context/mod.ts";
import { CodedError, type PdError } from "../errors/mod.ts";
import {
  type ExecutionResult,
  type NodeRunner,
  recordOf,
  type RunEvent,
  type RunEventBody,
  type RunInfo,
  type RunStatus,
  type WorkflowExecutor,
} from "../executor/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import { RunLog } from "./run_log.ts";
import type { Run, RunSummary } from "./run.ts";

/** What a run needs to go on. */
export interface WorkflowRunOptions {
  readonly info: RunInfo;
  readonly dag: CompiledDag;
  readonly clock: Clock;
  readonly redactor: Redactor;
  random(): number;
  /** Sees each redacted event as it is appended. */
  onEvent(event: RunEvent): void;
}

/** One run: it drives the executor, keeps the redacted log of events, and answers who asks. */
export class WorkflowRun implements Run {
  readonly id: string;
  readonly dag: CompiledDag;
  readonly #options: WorkflowRunOptions;
  readonly #log: RunLog;
  readonly #abort = new AbortController();
  readonly #startedAt: number;
  #status: RunStatus = "running";
  #completedAt: number | null = null;
  #error: string | null = null;
  #result: Promise<ExecutionResult> | undefined;

  constructor(options: WorkflowRunOptions) {
    this.id = options.info.id;
    this.dag = options.dag;
    this.#options = options;
    this.#startedAt = options.clock.now();
    this.#log = new RunLog(options);
  }

  get status(): RunStatus {
    return this.#status;
  }

  get result(): Promise<ExecutionResult> {
    if (this.#result === undefined) throw new Error(`run ${this.id} was never begun`);
    return this.#result;
  }

  get summary(): RunSummary {
    const { info, clock } = this.#options;
    return {
      runId: this.id,
      status: this.#status,
      workflow: info.workflow,
      version: info.version,
      trigger: this.#options.redactor.value(info.trigger),
      startedAt: this.#startedAt,
      completedAt: this.#completedAt,
      durationMs: (this.#completedAt ?? clock.now()) - this.#startedAt,
      error: this.#error,
    };
  }

  /** How much memory the run's log takes, roughly. */
  get sizeBytes(): number {
    return this.#log.sizeBytes;
  }

  /** Starts executing; called once. */
  begin(executor: WorkflowExecutor, runner: NodeRunner, input: JsonValue): void {
    this.#result = this.#drive(executor, runner, input);
  }

  /** Ends the run with `reason` as its error, unless it is over. */
  stop(reason: PdError): void {
    this.#abort.abort(reason);
  }

  cancel(): void {
    this.stop(cancelled(this.id, "it was cancelled"));
  }

  events(afterSeq = 0, signal?: AbortSignal): AsyncIterable<RunEvent> {
    return this.#log.follow(afterSeq, signal);
  }

  eventsSoFar(afterSeq = 0, limit?: number): readonly RunEvent[] {
    return this.#log.after(afterSeq, limit);
  }

  changed(afterSeq: number, signal?: AbortSignal): Promise<void> {
    return this.#log.changed(afterSeq, signal);
  }

  async #drive(
    executor: WorkflowExecutor,
    runner: NodeRunner,
    input: JsonValue,
  ): Promise<ExecutionResult> {
    const { dag, info, clock } = this.#options;
    try {
      const result = await executor.execute(dag, runner, {
        run: info,
        signal: this.#abort.signal,
        emit: (event) => this.#emit(event),
        clock,
        random: this.#options.random,
      }, input);
      // Without an end among its events nobody who follows them would learn of it.
      if (this.#completedAt === null) {
        throw new Error("the run ended without an event that says so");
      }
      // One end for whoever reads the result and whoever reads the run.
      this.#completedAt = result.timing.completedAt;
      return this.#shown(result);
    } catch (cause) {
      return this.#broken(cause);
    } finally {
      this.#log.close();
    }
  }

  #emit(body: RunEventBody): void {
    if (this.#completedAt !== null) return;
    const status = END_STATUS[body.kind];
    if (status === undefined) {
      this.#log.append(body);
      return;
    }
    this.#log.reportDropped();
    this.#status = status;
    this.#completedAt = this.#options.clock.now();
    if ("error" in body) {
      this.#error = this.#options.redactor.text(`${body.error.code}: ${body.error.message}`);
    }
    this.#log.append(body);
  }

  /** The result as it may be seen: outputs from the events, which have passed redaction already. */
  #shown(result: ExecutionResult): ExecutionResult {
    const { redactor } = this.#options;
    const outputs: Record<string, JsonValue> = {};
    for (const event of this.#log.after(0)) {
      if (event.kind === "node.succeeded" && event.node in result.outputs) {
        outputs[event.node] = event.output;
      }
    }
    const errors: Record<string, string> = {};
    for (const node in result.errors) errors[node] = redactor.text(result.errors[node] ?? "");
    return { ...result, outputs, errors };
  }

  /** The executor threw, which is a defect of the engine: the run fails, and its caller gets an answer. */
  #broken(cause: unknown): ExecutionResult {
    const error = recordOf(cause);
    const completedAt = this.#options.clock.now();
    const durationMs = completedAt - this.#startedAt;
    this.#emit({ kind: "run.failed", durationMs, error });
    return {
      success: false,
      status: "failed",
      runId: this.id,
      outputs: {},
      errors: { [this.#options.info.workflow]: this.#error ?? "INTERNAL" },
      timing: { startedAt: this.#startedAt, completedAt, durationMs, nodeTimings: {} },
    };
  }
}

const END_STATUS: { readonly [kind: string]: RunStatus | undefined } = {
  "run.succeeded": "succeeded",
  "run.failed": "failed",
  "run.cancelled": "cancelled",
};

/** Why a run was ended from outside. */
export function cancelled(runId: string, why: string): CodedError {
  return new CodedError("RUN_CANCELLED", `Cannot finish run "${runId}" as started: ${why}`, {
    fix: "Start the workflow again",
  });
}
