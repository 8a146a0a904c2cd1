import { dirname } from "node:path";

const MAX_NAMES = 500;

/** Names of what can be run from `cwd` without being stored: folders here, and `.pd/pipelines` here and above. */
export async function listLocalNames(cwd: string): Promise<readonly string[]> {
  const names: string[] = [];
  for (const entry of await entriesOf(cwd)) {
    if (entry.isDirectory && !entry.name.startsWith(".")) names.push(entry.name);
  }
  names.push(...await listPipelineNames(cwd));
  return names;
}

/** Names in `.pd/pipelines` of `cwd` and of each folder above it. */
export async function listPipelineNames(cwd: string): Promise<readonly string[]> {
  const names: string[] = [];
  for (let folder = cwd;; folder = dirname(folder)) {
    for (const { name, isFile } of await entriesOf(`${folder}/.pd/pipelines`)) {
      if (!isFile) names.push(name);
      else if (name.endsWith(".ts")) names.push(name.slice(0, -".ts".length));
    }
    if (dirname(folder) === folder) return names;
  }
}

async function entriesOf(folder: string): Promise<readonly Deno.DirEntry[]> {
  const entries: Deno.DirEntry[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) {
      entries.push(entry);
      if (entries.length === MAX_NAMES) break;
    }
  } catch {
    // No such folder, or none of ours to read.
  }
  return entries;
}
