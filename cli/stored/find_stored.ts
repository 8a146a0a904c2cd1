import { CodedError } from "../../engine/errors/mod.ts";
import type { StoredWorkflow } from "../../engine/storage/mod.ts";
import { didYouMean } from "../../engine/words/mod.ts";
import type { RunStorage } from "../open_run_storage.ts";
import { hintAt } from "../usage_error.ts";

/**
 * The newest version of a name, or that one.
 *
 * @throws {CodedError} `TARGET_NOT_FOUND`
 */
export async function findStored(
  name: string,
  { storage, address }: RunStorage,
  version?: number,
): Promise<StoredWorkflow> {
  const found = await storage.getWorkflow(name, version);
  if (found !== undefined) return found;
  const versions = version === undefined ? [] : await storage.workflowHistory(name);
  const [newest] = versions;
  if (newest !== undefined) {
    throw new CodedError(
      "TARGET_NOT_FOUND",
      `Cannot find version ${version} of "${name}" as a stored pipeline: ${address} has ${
        newest.version === 1 ? "version 1" : `1 to ${newest.version}`
      }`,
      { fix: `pd pipelines history ${name}` },
    );
  }
  const names = (await storage.listWorkflows()).map((record) => record.name);
  const near = didYouMean(name, names);
  throw new CodedError(
    "TARGET_NOT_FOUND",
    `Cannot find "${name}" as a stored pipeline: ${address} has none of that name${hintAt(near)}`,
    { fix: near === undefined ? "pd pipelines list" : `pd pipelines show ${near}` },
  );
}
