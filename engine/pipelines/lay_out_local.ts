import { CodedError } from "../errors/mod.ts";
import type { LocalPipeline } from "./find_local_pipeline.ts";

/**
 * The folder that `openWorkflow` opens for a local pipeline: a workflow's own, or one where the bundled pipeline
 * lies. It is bundled and checked again only after one of its files has changed.
 *
 * @throws {CodedError} `PIPELINE_INVALID` as `bundlePipeline`
 */
export function layOutLocal(local: LocalPipeline, dataDir: string): Promise<string> {
  return Promise.reject(
    new CodedError("NOT_AVAILABLE", `Cannot lay out "${local.name}" in ${dataDir} yet`),
  );
}
