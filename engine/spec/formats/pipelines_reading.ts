import type { CompiledDag } from "../../compiler/mod.ts";
import type { Diagnostic } from "../diagnostic.ts";
import type { WorkflowSpec } from "../types.ts";

/** A `pipelines.yml`, read already. */
export interface PipelinesText {
  /** As problems name it. */
  readonly file: string;
  readonly text: string;
}

/** One pipeline that can be run. */
export interface ReadPipeline {
  /** Its key in the file, as it stands there; also `spec.name`. */
  readonly name: string;
  /** Where it was declared. */
  readonly file: string;
  readonly spec: WorkflowSpec;
  readonly dag: CompiledDag;
  /** Its warnings. */
  readonly diagnostics: readonly Diagnostic[];
}

/** What the pipelines of some files are, and all that is wrong with them. */
export interface PipelinesReading {
  /** Those without an error, by name. */
  readonly pipelines: readonly ReadPipeline[];
  /** Every error of every file, by file and place. */
  readonly problems: readonly Diagnostic[];
  /** Every warning, by file and place; those of pipelines are in their `diagnostics` too. */
  readonly warnings: readonly Diagnostic[];
}
