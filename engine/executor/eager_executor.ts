import type { CompiledDag, CompiledNode } from "../compiler/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import type { ExecutionResult } from "./execution_result.ts";
import type { NodeRunner } from "./node_runner.ts";
import { runWorkflow } from "./run_workflow.ts";
import type { ExecutionContext, WorkflowExecutor } from "./workflow_executor.ts";
import type { RunningGraph } from "./running_graph.ts";

/** Runs each node as soon as its own dependencies are done. */
export class EagerExecutor implements WorkflowExecutor {
  execute(
    graph: CompiledDag,
    runner: NodeRunner,
    ctx: ExecutionContext,
    input?: JsonValue,
  ): Promise<ExecutionResult> {
    return runWorkflow(asSoonAsReady, graph, runner, ctx, input);
  }
}

function asSoonAsReady(graph: CompiledDag, run: RunningGraph): Promise<void> {
  const waitingFor = Int32Array.from(graph.nodes, (node) => node.dependencies.length);
  const { promise, resolve } = Promise.withResolvers<void>();
  let running = 0;
  function start(index: number): void {
    running++;
    run.start(index).then(() => finish(index));
  }
  function finish(index: number): void {
    running--;
    if (!run.isStopped) {
      for (const dependent of (graph.nodes[index] as CompiledNode).dependents) {
        if (--(waitingFor[dependent] as number) === 0) start(dependent);
      }
    }
    if (running === 0) resolve();
  }
  for (const root of graph.stages[0] ?? []) start(root);
  if (running === 0) resolve();
  return promise;
}
