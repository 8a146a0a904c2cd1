import type { PipelinesReading, PipelinesText } from "./pipelines_reading.ts";

/** Computed, so that the YAML library is loaded by who reads such a file and by nobody else. */
const READER = new URL("./read_pipelines.ts", import.meta.url).href;

/**
 * Reads the texts of `pipelines.yml` files, each pipeline to one `WorkflowSpec`. Never rejects for what is in
 * them: every problem of all of them is a diagnostic. Of two pipelines with one name, the first counts.
 */
export async function readPipelines(files: readonly PipelinesText[]): Promise<PipelinesReading> {
  const reader: typeof import("./read_pipelines.ts") = await import(READER);
  return reader.readPipelines(files);
}
