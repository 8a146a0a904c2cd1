import type { CompiledNode } from "../compiler/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import type { Execution } from "./execution.ts";
import type { ExecutionResult, NodeTiming } from "./execution_result.ts";
import type { NodeRun, RunNode } from "./node_run.ts";
import type { NodeOutcome } from "./node_runner.ts";
import { resolveInput } from "./resolve_input.ts";

interface NodeEnd {
  readonly run: NodeRun;
  readonly outcome: NodeOutcome;
  /** Epoch milliseconds. */
  readonly completedAt: number;
}

/** The nodes of one run: what a schedule starts, and what came of them. */
export class RunningGraph {
  readonly #execution: Execution;
  readonly #runNode: RunNode;
  readonly #input: JsonValue;
  readonly #outputs: (JsonValue | undefined)[];
  readonly #ends: (NodeEnd | undefined)[];
  readonly #startedAt: number;

  constructor(execution: Execution, runNode: RunNode, input: JsonValue) {
    const count = execution.graph.nodes.length;
    this.#execution = execution;
    this.#runNode = runNode;
    this.#input = input;
    this.#outputs = Array.from({ length: count }, () => undefined);
    this.#ends = Array.from({ length: count }, () => undefined);
    this.#startedAt = execution.ctx.clock.now();
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
   * result, and stop the run where they must. Does nothing when the run has stopped.
   */
  async start(index: number): Promise<void> {
    const execution = this.#execution;
    if (execution.isStopped) return;
    const { graph, ctx: { clock } } = execution;
    const node = graph.nodes[index] as CompiledNode;
    try {
      const run: NodeRun = {
        node,
        input: resolveInput(node, graph, this.#outputs, this.#input),
        startedAt: clock.now(),
        attempts: 0,
        losses: 0,
      };
      const outcome = await this.#runNode(run);
      if (outcome.status === "succeeded") this.#outputs[index] = outcome.output ?? null;
      this.#ends[index] = { run, outcome, completedAt: clock.now() };
    } catch (error) {
      execution.break(error);
    }
  }

  /** Nodes that never started, in order of execution. */
  *skipped(): Iterable<CompiledNode> {
    for (const node of this.#execution.graph.nodes) {
      if (this.#ends[node.index] === undefined) yield node;
    }
  }

  /** @param completedAt Epoch milliseconds. */
  result(completedAt: number): ExecutionResult {
    const { graph, ctx, stopReason } = this.#execution;
    const outputs: { [node: string]: JsonValue } = {};
    const errors: { [node: string]: string } = {};
    const nodeTimings: { [node: string]: NodeTiming } = {};
    for (const { id, index } of graph.nodes) {
      const end = this.#ends[index];
      if (end === undefined) continue;
      const { run, outcome } = end;
      if (outcome.status === "succeeded") outputs[id] = this.#outputs[index] ?? null;
      else if (outcome.status === "failed") errors[id] = errorText(outcome.error);
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
}

function errorText(error: { readonly code: string; readonly message: string }): string {
  return `${error.code}: ${error.message}`;
}
