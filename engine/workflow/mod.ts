/** A workflow folder that is open: its current version, its runs, their events and history. */
export { InputInvalidError } from "./input_invalid_error.ts";
export { openWorkflow, type OpenWorkflowOptions, type WorkflowSettings } from "./open_workflow.ts";
export type { NodeReport, RunNodeOptions } from "./node_report.ts";
export type { Run, RunQuery, RunSummary, StartOptions } from "./run.ts";
export { type ReadWorkflow, readWorkflow } from "./read_workflow.ts";
export { RunGoneError, RunInterruptedError } from "./run_errors.ts";
export type { Accepted } from "./accepted.ts";
export { type NodeState, nodeStates } from "./run_state.ts";
export {
  type CurrentVersion,
  type ReloadOutcome,
  Workflow,
  type WorkflowStats,
} from "./workflow.ts";
export {
  BUILT_FILE,
  findWorkflowFile,
  readWorkflowText,
  type WorkflowFile,
} from "./workflow_file.ts";
export { WorkflowInvalidError } from "./workflow_invalid_error.ts";
export type { VersionPlace, WorkflowGraph, WorkflowSource } from "./workflow_source.ts";
export { folderSource } from "./folder_source.ts";
export { isNoise, watchFolder, type WatchFolderOptions } from "./folder_watch.ts";
export type { QueuedRuns } from "./run_keeper.ts";
export { isWrittenByNodes } from "./written_by_nodes.ts";
