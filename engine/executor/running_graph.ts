import { type CompiledNode, everyNode } from "../compiler/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import type { ErrorRecord, RunEventBody } from "./events.ts";
import type { Execution, StopReason } from "./execution.ts";
import type { ExecutionResult, NodeTiming } from "./execution_result.ts";
import { CANCELLED, type NodeRun, type RunNode } from "./node_run.ts";
import type { NodeOutcome } from "./node_runner.ts";
import { onErrorInput } from "./on_error_input.ts";
import { resolveInput } from "./resolve_input.ts";
import type { FinishedNode, ResumedNode, ResumedNodes, UnfinishedNode } from "./resumed_nodes.ts";

interface NodeEnd {
  /** When it first began, in epoch milliseconds, and how many attempts it had. */
  readonly run: { readonly startedAt: number; readonly attempts: number };
  readonly outcome: NodeOutcome;
  /** Epoch milliseconds. */
  readonly completedAt: number;
}

const NOTHING: Promise<void> = Promise.resolve();

/** The nodes of one run: what a schedule starts, and what came of them. */
export class RunningGraph {
  readonly #execution: Execution;
  readonly #runNode: RunNode;
  readonly #input: JsonValue;
  readonly #outputs: (JsonValue | undefined)[];
  readonly #ends: (NodeEnd | undefined)[];
  readonly #startedAt: number;
  readonly #resume: ResumedNodes | undefined;

  constructor(execution: Execution, runNode: RunNode, input: JsonValue) {
    const { nodes, onError } = execution.graph;
    const count = nodes.length + (onError === undefined ? 0 : 1);
    this.#execution = execution;
    this.#runNode = runNode;
    this.#input = input;
    this.#outputs = Array.from({ length: count }, () => undefined);
    this.#ends = Array.from({ length: count }, () => undefined);
    this.#resume = execution.ctx.resume;
    this.#startedAt = this.#resume?.startedAt ?? execution.ctx.clock.now();
    this.#resume?.nodes.forEach((node, index) => this.#restore(node, index));
  }

  /** Epoch milliseconds. */
  get startedAt(): number {
    return this.#startedAt;
  }

  /** A schedule starts nothing more once this is true. */
  get isStopped(): boolean {
    return this.#execution.isStopped;
  }

  /**
   * Runs one node, whose dependencies are done, to its end. Never rejects: failures are kept for the
   * result, and stop the run where they must. Does nothing when the run has stopped, when the node is to
   * be skipped, and when it was done before the run was taken up again.
   */
  start(index: number): Promise<void> {
    const execution = this.#execution;
    if (execution.isStopped || this.#ends[index] !== undefined || execution.isSkipped(index)) {
      return NOTHING;
    }
    const { graph } = execution;
    const node = graph.nodes[index] as CompiledNode;
    const input = resolveInput(node, graph, this.#outputs, this.#input);
    return this.#play(node, input, { execution, runNode: this.#runNode });
  }

  /**
   * Runs the node that follows a failed run, unless that was done before. In a run that was cancelled meanwhile
   * it is skipped.
   */
  async follow(
    node: CompiledNode,
    { failure, execution, runNode }: {
      readonly failure: Extract<StopReason, { readonly status: "failed" }>;
      readonly execution: Execution;
      readonly runNode: RunNode;
    },
  ): Promise<void> {
    const { id, index } = node;
    if (this.#ends[index] !== undefined) return;
    if (this.#resume?.nodes[index]?.status === "skipped") return;
    const input = await onErrorInput(failure, this.#input, execution.ctx);
    if (!execution.isStopped) return await this.#play(node, input, { execution, runNode });
    const unfinished = this.#unfinished(index);
    await execution.record(
      unfinished === undefined
        ? { kind: "node.skipped", node: id }
        : this.#cancelled(node, unfinished),
    );
  }
  /**
   * What is left to say of a run that has stopped, in order of execution: nodes never started are
   * skipped; one that an engine left unfinished is cancelled.
   */
  *leftOver(): Iterable<RunEventBody> {
    const { graph } = this.#execution;
    for (const node of graph.nodes) {
      const { id, index } = node;
      if (this.#ends[index] !== undefined || this.#execution.isSkipped(index)) continue;
      const run = this.#unfinished(index);
      if (run !== undefined) yield this.#cancelled(node, run);
      else if (this.#resume?.nodes[index]?.status !== "skipped") {
        yield { kind: "node.skipped", node: id };
      }
    }
  }

  /** @param completedAt Epoch milliseconds. */
  result(completedAt: number): ExecutionResult {
    const { graph, ctx, stopReason } = this.#execution;
    const outputs: { [node: string]: JsonValue } = {};
    const errors: { [node: string]: string } = {};
    const nodeTimings: { [node: string]: NodeTiming } = {};
    for (const { id, index } of everyNode(graph)) {
      const end = this.#ends[index];
      if (end === undefined) continue;
      const { run, outcome } = end;
      if (outcome.status === "succeeded") {
        if (index < graph.nodes.length) outputs[id] = this.#outputs[index] ?? null;
      } else if (outcome.status === "failed") errors[id] = errorText(outcome.error);
      else if (stopReason?.status === "cancelled") errors[id] = errorText(stopReason.error);
      nodeTimings[id] = {
        startedAt: run.startedAt,
        completedAt: end.completedAt,
        durationMs: end.completedAt - run.startedAt,
        attempts: run.attempts,
      };
    }
    const startedAt = this.#startedAt;
    const status = stopReason?.status ?? "succeeded";
    return {
      success: status === "succeeded",
      status,
      runId: ctx.run.id,
      outputs,
      errors,
      timing: { startedAt, completedAt, durationMs: completedAt - startedAt, nodeTimings },
    };
  }

  /** Runs one node to its end and keeps what came of it. Never rejects: what breaks ends the execution. */
  async #play(
    node: CompiledNode,
    input: JsonValue,
    { execution, runNode }: { readonly execution: Execution; readonly runNode: RunNode },
  ): Promise<void> {
    const { clock } = execution.ctx;
    const { index } = node;
    try {
      const resumed = this.#unfinished(index);
      const run: NodeRun = {
        node,
        input,
        startedAt: resumed?.startedAt ?? clock.now(),
        attempts: resumed?.attempts ?? 0,
        losses: resumed?.losses ?? 0,
        tasks: resumed?.tasks && new Map(resumed.tasks.map((record) => [record.task, record])),
        resumed,
        missing: this.#resume === undefined ? undefined : this.#missingFor(node, this.#resume),
      };
      const outcome = await runNode(run);
      if (outcome.status === "succeeded") this.#outputs[index] = outcome.output ?? null;
      this.#ends[index] = { run, outcome, completedAt: clock.now() };
    } catch (error) {
      execution.break(error);
    }
  }

  /** Ends a node that an engine left unfinished. */
  #cancelled({ id, index }: CompiledNode, run: UnfinishedNode): RunEventBody {
    const now = this.#execution.ctx.clock.now();
    this.#ends[index] = { run, outcome: CANCELLED, completedAt: now };
    const { attempts: attempt, startedAt } = run;
    return { kind: "node.cancelled", node: id, attempt, durationMs: now - startedAt };
  }

  #restore(node: ResumedNode | undefined, index: number): void {
    if (node === undefined || node.status === "unfinished" || node.status === "skipped") return;
    if (node.status === "succeeded") this.#outputs[index] = node.output;
    this.#ends[index] = { run: node, outcome: outcomeOf(node), completedAt: node.completedAt };
  }

  #unfinished(index: number): UnfinishedNode | undefined {
    const node = this.#resume?.nodes[index];
    return node?.status === "unfinished" ? node : undefined;
  }

  /** Why the input of a node cannot be put together from what was kept. */
  #missingFor({ dependencies, spec }: CompiledNode, resume: ResumedNodes): ErrorRecord | undefined {
    if (dependencies.length === 0 || spec.kind === "script") return resume.missingInput;
    for (const index of dependencies) {
      const node = resume.nodes[index];
      if (node?.status === "succeeded" && node.missing !== undefined) return node.missing;
    }
    return undefined;
  }
}

function outcomeOf(
  node: Exclude<ResumedNode, UnfinishedNode | { readonly status: "skipped" }> & FinishedNode,
): NodeOutcome {
  switch (node.status) {
    case "succeeded":
      return { status: "succeeded", output: node.output };
    case "failed":
      return { status: "failed", error: node.error, retry: { kind: "never" } };
    case "cancelled":
      return CANCELLED;
  }
}

function errorText(error: { readonly code: string; readonly message: string }): string {
  return `${error.code}: ${error.message}`;
}
