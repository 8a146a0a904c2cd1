import { CodedError } from "../errors/mod.ts";

/** A pipeline or workflow below `.pd/pipelines`, which needs no registration. */
export interface LocalPipeline {
  readonly name: string;
  readonly kind: "pipeline" | "workflow";
  /** Absolute: of the `.ts` file, or of the workflow's folder. */
  readonly path: string;
}

/** What came of looking for one. */
export interface LocalSearch {
  readonly found: LocalPipeline | undefined;
  /** Every path that was looked at, nearest first, for people. */
  readonly places: readonly string[];
}

/** Looks for `.pd/pipelines/NAME.ts` and `.pd/pipelines/NAME/workflow.yaml` in `cwd` and the folders above it. */
export function findLocalPipeline(name: string, cwd: string): Promise<LocalSearch> {
  return Promise.reject(new CodedError("NOT_AVAILABLE", `Cannot look for "${name}" in ${cwd} yet`));
}
