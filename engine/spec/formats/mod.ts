/** Other formats of workflows than workflow.yaml: text in, `WorkflowSpec` and diagnostics out. */
export { readPipelines } from "../on_demand.ts";
export type { PipelinesReading, PipelinesText, ReadPipeline } from "./pipelines_reading.ts";
export type { Compile } from "./read_pipelines.ts";
