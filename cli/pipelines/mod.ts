/** What `pd run` finds by its name: pipelines and workflows that are stored, and those in `.pd/pipelines`. */
export { nameOfFile } from "./find_pipeline.ts";
export { listPipelineNames } from "./list_local_names.ts";
export { preparePipeline } from "./prepare_pipeline.ts";
export { type PipelineRequest, runPipeline } from "./run_pipeline.ts";
