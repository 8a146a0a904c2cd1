import { defaultStorageUrl } from "../../engine/storage/mod.ts";
import type { Candidate } from "../completion/mod.ts";
import { openRunStorage } from "../open_run_storage.ts";
import type { Io } from "../terminal/mod.ts";
import { listPipelineNames } from "../pipelines/mod.ts";

/** The names that may come next: what is stored, and what lies in `.pd/pipelines`. */
export async function pipelineCandidates(
  storage: string | undefined,
  { cwd, env }: Pick<Io, "cwd" | "env">,
): Promise<readonly Candidate[]> {
  const local = await listPipelineNames(cwd);
  const stored = await storedNames(storage, { cwd, env });
  const names = new Map(local.map((name) => [name, "in .pd/pipelines"]));
  for (const { value, description } of stored) names.set(value, description);
  return [...names].map(([value, description]) => ({ value, description }));
}

async function storedNames(
  storage: string | undefined,
  { cwd, env }: Pick<Io, "cwd" | "env">,
): Promise<readonly Candidate[]> {
  // To look is no reason to make a database.
  if (storage === undefined && !await isThere(defaultStorageUrl(env))) return [];
  await using at = await openRunStorage(storage, { cwd, env });
  return (await at.storage.listWorkflows()).map(({ name, kind, driver }) => ({
    value: name,
    description: driver === undefined ? kind : `${kind}, ${driver}`,
  }));
}

async function isThere(url: string): Promise<boolean> {
  const path = decodeURIComponent(url.replace(/^sqlite:\/\//, ""));
  return await Deno.stat(path).then(() => true, () => false);
}
