import { CodedError } from "../errors/mod.ts";
import type { Run, Workflow } from "../workflow/mod.ts";

/**
 * The run of that id, of this engine or in the storage.
 *
 * @throws {CodedError} `RUN_NOT_FOUND`
 */
export async function findRun(workflow: Workflow, id: string): Promise<Run> {
  const run = await workflow.run(id);
  if (run !== undefined) return run;
  throw new CodedError(
    "RUN_NOT_FOUND",
    `Cannot find "${id}" as a run: it never was, or is too old to be remembered`,
    { fix: "GET /runs lists those that are" },
  );
}
