import type { PipelineContext, Runtime } from "./types.ts";

declare global {
  /** Runs the steps of a stored pipeline. */
  const runtime: Runtime;
  /** What a stored pipeline knows about its run. */
  const pipelineContext: PipelineContext;
}
