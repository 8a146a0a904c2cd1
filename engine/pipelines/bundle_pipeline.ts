import { CodedError } from "../errors/mod.ts";

/** A pipeline as it is stored. */
export interface BundledPipeline {
  /** One module: `pipeline.js`. */
  readonly files: { readonly [path: string]: string };
  /** What is worth telling whoever stores it, though nothing failed. */
  readonly warnings: readonly string[];
}

/**
 * Makes one module of a pipeline's file: with the files that it imports and the npm packages that its
 * `deno.json` names, type-checked against the globals of a pipeline.
 *
 * @throws {CodedError} `PIPELINE_INVALID` with every mistake as `file:line:column`; `TARGET_NOT_FOUND` when there is
 *   no such file
 */
export function bundlePipeline(path: string): Promise<BundledPipeline> {
  return Promise.reject(new CodedError("NOT_AVAILABLE", `Cannot bundle "${path}" yet`));
}
