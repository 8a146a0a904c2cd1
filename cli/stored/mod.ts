/** What is stored to be run by its name, as `pd set-pipeline` and `pd pipelines` show and change it. */
export { listPipelines, showHistory } from "./list_pipelines.ts";
export { pipelineCandidates } from "./pipeline_candidates.ts";
export { removePipelines, type RemovePipelinesRequest } from "./remove_pipelines.ts";
export { rollBack, type RollBackRequest } from "./roll_back.ts";
export { setPipeline, type SetPipelineRequest } from "./set_pipeline.ts";
export { showPipeline, type ShowPipelineRequest } from "./show_pipeline.ts";
