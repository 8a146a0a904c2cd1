/** What a stored pipeline runs with: its globals, and the node that it is. */
export { PipelineExit } from "./pipeline_exit.ts";
export { type PipelineOutcome, runPipeline } from "./run_pipeline.ts";
export type {
  Command,
  ExecOptions,
  PipelineContext,
  Runtime,
  Sandbox,
  SandboxOptions,
  StepLimits,
  StepOptions,
  StepResult,
  Volume,
  VolumeOptions,
} from "./types.ts";
