import type { Cli } from "../cli.ts";
import type { PipelineRequest } from "./run_pipeline.ts";

/** What `pd run` finds by its name: pipelines and workflows that are stored, and those in `.pd/pipelines`. */
export { dataFolder } from "./data_folder.ts";
export { nameOfFile } from "./find_pipeline.ts";
export { listPipelineNames } from "./list_local_names.ts";
export { isPipeline, printEnd, showLog, streamsOf } from "./pipeline_run.ts";
export { preparePipeline } from "./prepare_pipeline.ts";
export type { PipelineRequest } from "./run_pipeline.ts";

/** Runs a pipeline. Loaded when it is called, while the hosts come up. */
export async function runPipeline(cli: Cli, request: PipelineRequest): Promise<void> {
  const module: typeof import("./run_pipeline.ts") = await import(
    new URL("./run_pipeline.ts", import.meta.url).href
  );
  await module.runPipeline(cli, request);
}
export { RUN_FLAGS } from "./run_flags.ts";
