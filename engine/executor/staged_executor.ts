import type { CompiledDag } from "../compiler/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import type { ExecutionResult } from "./execution_result.ts";
import type { NodeRunner } from "./node_runner.ts";
import { runWorkflow } from "./run_workflow.ts";
import type { ExecutionContext, WorkflowExecutor } from "./workflow_executor.ts";
import type { RunningGraph } from "./running_graph.ts";

/** Runs stages one after another, and the nodes of a stage all at once. */
export class StagedExecutor implements WorkflowExecutor {
  execute(
    graph: CompiledDag,
    runner: NodeRunner,
    ctx: ExecutionContext,
    input?: JsonValue,
  ): Promise<ExecutionResult> {
    return runWorkflow(stageByStage, graph, runner, ctx, input);
  }
}

async function stageByStage(graph: CompiledDag, run: RunningGraph): Promise<void> {
  for (const stage of graph.stages) {
    if (run.isStopped) return;
    await Promise.all(stage.map((index) => run.start(index)));
  }
}
