/** CompiledDag + NodeRunner + input → ExecutionResult, emitting run events. */
export { createExecutor } from "./create_executor.ts";
export { EagerExecutor } from "./eager_executor.ts";
export { recordOf } from "./error_record.ts";
export type {
  ErrorRecord,
  LogLevel,
  NodeStatus,
  RunEvent,
  RunEventBody,
  RunStatus,
} from "./events.ts";
export { leftOverOf } from "./left_over.ts";
export { outputText, type OutputTextOptions } from "./output_text.ts";
export { memoryTasks } from "./memory_tasks.ts";
export type { ExecutionResult, NodeTiming } from "./execution_result.ts";
export {
  KILL_GRACE_MS,
  type LogLine,
  type NodeCall,
  type NodeOutcome,
  type NodeRunner,
  type RetryAdvice,
  type RunInfo,
  SCRIPT_GRACE_MS,
} from "./node_runner.ts";
export {
  type FinishedNode,
  type ResumedNode,
  type ResumedNodes,
  resumeFrom,
  type UnfinishedNode,
} from "./resumed_nodes.ts";
export type { NodeTasks, TaskRecord } from "./task_record.ts";
export { StagedExecutor } from "./staged_executor.ts";
export type { ExecutionContext, WorkflowExecutor } from "./workflow_executor.ts";
