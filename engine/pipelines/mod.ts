/** Stored pipelines and workflows: how a file or folder becomes one, and how one becomes a folder that runs. */
export { type BundledPipeline, bundlePipeline } from "./bundle_pipeline.ts";
export { findLocalPipeline, type LocalPipeline, type LocalSearch } from "./find_local_pipeline.ts";
export { type LaidOut, laidOutName, layOut } from "./lay_out.ts";
export { layOutLocal, type LocalLayout } from "./lay_out_local.ts";
export { type PackedWorkflow, packWorkflowFolder } from "./pack_workflow_folder.ts";
export { fromStored } from "./stored_content.ts";
export { PipelineInvalidError, type PipelineProblem } from "./pipeline_invalid_error.ts";
export { isSafePath } from "./safe_path.ts";
