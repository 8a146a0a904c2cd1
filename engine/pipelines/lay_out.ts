import { CodedError } from "../errors/mod.ts";
import type { StoredWorkflow } from "../storage/mod.ts";

/** What of a stored pipeline or workflow makes its folder. */
export type LaidOut = Pick<StoredWorkflow, "name" | "version" | "kind" | "driver" | "files">;

/**
 * Writes a stored pipeline or workflow into a folder that `openWorkflow` opens, and answers its absolute path:
 * `<dataDir>/pipelines/<name>/<digest of its content>`. A folder that is there already is looked through and used
 * again. Calls of several processes at once are fine.
 */
export function layOut(stored: LaidOut, dataDir: string): Promise<string> {
  return Promise.reject(
    new CodedError("NOT_AVAILABLE", `Cannot lay out "${stored.name}" in ${dataDir} yet`),
  );
}
