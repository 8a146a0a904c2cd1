import { sleep } from "../clock/mod.ts";
import type { CompiledDag, CompiledNode } from "../compiler/mod.ts";
import { CodedError, PdError } from "../errors/mod.ts";
import { dependentsOf } from "./dependents_of.ts";
import { recordOf } from "./error_record.ts";
import type { ErrorRecord, RunEventBody } from "./events.ts";
import type { ExecutionContext } from "./workflow_executor.ts";

/** Something that runs and can be told to stop. */
export interface Stoppable {
  stop(reason: PdError): void;
}

/** Why a run ended before its nodes were through, or other than well. */
export type StopReason =
  | { readonly status: "failed"; readonly node: string; readonly error: ErrorRecord }
  | { readonly status: "cancelled"; readonly error: ErrorRecord };

/** What all wrappers of one run share: its events, and the one switch that stops it. */
export class Execution implements Disposable {
  readonly graph: CompiledDag;
  readonly ctx: ExecutionContext;
  readonly #running = new Set<Stoppable>();
  readonly #onStopRequest = () => this.cancel(this.ctx.signal.reason);
  #stopReason: StopReason | undefined;
  /** The first failure of a run that went on after it. */
  #failure: StopReason | undefined;
  #skipped: Set<number> | undefined;
  #stopError: PdError | undefined;
  #fault: { readonly error: unknown } | undefined;

  constructor(graph: CompiledDag, ctx: ExecutionContext) {
    this.graph = graph;
    this.ctx = ctx;
    if (ctx.signal.aborted) this.cancel(ctx.signal.reason);
    else ctx.signal.addEventListener("abort", this.#onStopRequest);
  }

  /** Nothing new may start. */
  get isStopped(): boolean {
    return this.#stopError !== undefined;
  }

  /** Why the run stopped, or does not end well, unless the engine broke. */
  get stopReason(): StopReason | undefined {
    return this.#stopReason ?? this.#failure;
  }

  /** What broke in the engine itself. */
  get fault(): { readonly error: unknown } | undefined {
    return this.#fault;
  }

  /** Appends an event. A promise must be awaited before anything that depends on the event. */
  record(event: RunEventBody): void | Promise<void> {
    if (this.#fault === undefined) return this.ctx.emit(event);
  }

  /** Appends an event that nothing depends on. */
  note(event: RunEventBody): void {
    try {
      this.record(event)?.catch((error) => this.break(error));
    } catch (error) {
      this.break(error);
    }
  }

  /** Appends an event and waits for it; when that cannot be stored the run ends, and this rejects. */
  async keep(event: RunEventBody): Promise<void> {
    try {
      await this.record(event);
    } catch (error) {
      this.break(error);
      throw error;
    }
  }

  /** Ends the run as failed: `node` failed for good. Only the first reason counts. */
  fail(node: string, error: ErrorRecord): void {
    if (this.isStopped) return;
    this.#stopReason = { status: "failed", node, error };
    this.#stopAll(
      new CodedError(
        "NODE_CANCELLED",
        `Cannot finish the node as node "${node}" failed: it was stopped`,
      ),
    );
  }

  /**
   * Lets the run fail when everything else is through: `node` failed for good, and whatever depends on it is
   * skipped. Only the first reason counts.
   */
  failAtTheEnd(node: CompiledNode, error: ErrorRecord): void {
    this.#failure ??= { status: "failed", node: node.id, error };
    if (this.isStopped) return;
    for (const index of dependentsOf(this.graph, node)) {
      if (this.isSkipped(index)) continue;
      this.skip(index);
      this.note({ kind: "node.skipped", node: (this.graph.nodes[index] as CompiledNode).id });
    }
  }

  /** Keeps a node from starting. */
  skip(index: number): void {
    (this.#skipped ??= new Set()).add(index);
  }

  isSkipped(index: number): boolean {
    return this.#skipped?.has(index) ?? false;
  }

  /** Ends the run as cancelled. Only the first reason counts. */
  cancel(reason: unknown): void {
    if (this.isStopped) return;
    const error = reason instanceof PdError ? reason : new CodedError(
      "RUN_CANCELLED",
      `Cannot finish run "${this.ctx.run.id}" as it was cancelled: it was stopped`,
      { fix: "Start the run again if that was not intended" },
    );
    this.#stopReason = { status: "cancelled", error: recordOf(error) };
    this.#stopAll(error);
  }

  /** Ends the run because the engine broke: no event can be trusted to arrive any more. */
  break(error: unknown): void {
    this.#fault ??= { error };
    this.#stopAll(
      new CodedError("INTERNAL", "Cannot finish the run as the engine broke: it was stopped"),
    );
  }

  /** Stops `running` when the run stops, until `leave` is called for it. */
  enter(running: Stoppable): void {
    this.#running.add(running);
    if (this.#stopError !== undefined) running.stop(this.#stopError);
  }

  leave(running: Stoppable): void {
    this.#running.delete(running);
  }

  /** Resolves to `true` after `delayMs`, or to `false` as soon as the run stops. */
  async pause(delayMs: number): Promise<boolean> {
    const controller = new AbortController();
    const waiting = { stop: (reason: PdError) => controller.abort(reason) };
    this.enter(waiting);
    try {
      return await sleep(delayMs, this.ctx.clock, controller.signal);
    } finally {
      this.leave(waiting);
    }
  }

  /** Lets go of the signal: from here on nothing stops the run. */
  [Symbol.dispose](): void {
    this.ctx.signal.removeEventListener("abort", this.#onStopRequest);
  }

  #stopAll(reason: PdError): void {
    this.#stopError ??= reason;
    for (const running of [...this.#running]) running.stop(this.#stopError);
  }
}
