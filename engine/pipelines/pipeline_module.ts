/** The module of a stored pipeline. */
export const PIPELINE_MODULE = "pipeline.js";
