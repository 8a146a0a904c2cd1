import type { PipelinesReading, PipelinesText } from "./pipelines_reading.ts";
import type { Compile } from "./read_pipelines.ts";

/** Computed, so that the YAML library is loaded by who reads such a file and by nobody else. */
const READER = new URL("./read_pipelines.ts", import.meta.url).href;

/**
 * Reads the texts of `pipelines.yml` files, each pipeline to one `WorkflowSpec`, and compiles it. Never rejects
 * for what is in them: every problem of all of them is a diagnostic. Of two pipelines with one name, the first
 * counts.
 *
 * @param compile That of engine/compiler.
 */
export async function readPipelines(
  files: readonly PipelinesText[],
  compile: Compile,
): Promise<PipelinesReading> {
  const reader: typeof import("./read_pipelines.ts") = await import(READER);
  return reader.readPipelines(files, compile);
}
