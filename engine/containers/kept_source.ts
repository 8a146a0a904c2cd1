import type { WorkspaceSource } from "../workspace/mod.ts";

/** What the workspace of a run was filled from; `none` when it was empty. */
export type KeptSource = WorkspaceSource | "none";

const FOLDER = "workspaces";
/** Runs that can still be taken up are among the newest. */
const MAX_KEPT = 1000;
const KEEP_AFTER_PRUNE = 900;

/** Notes what a run's workspace is filled from, for the time when it is taken up again from another folder. */
export async function keepSource(
  dataDir: string,
  runId: string,
  source: KeptSource,
): Promise<void> {
  const folder = `${dataDir}/${FOLDER}`;
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  const path = `${folder}/${fileOf(runId)}`;
  const draft = `${path}.${crypto.randomUUID()}`;
  await Deno.writeTextFile(draft, JSON.stringify(source), { mode: 0o600 });
  await Deno.rename(draft, path);
  await prune(folder);
}

/** What was noted for a run; undefined when nothing was, or it is damaged. */
export async function findSource(dataDir: string, runId: string): Promise<KeptSource | undefined> {
  try {
    const kept = JSON.parse(await Deno.readTextFile(`${dataDir}/${FOLDER}/${fileOf(runId)}`));
    if (kept === "none") return kept;
    const { dir, include, ignore } = kept;
    const isWhole = typeof dir === "string" && isTexts(include) && isTexts(ignore);
    return isWhole ? { dir, include, ignore } : undefined;
  } catch {
    return undefined;
  }
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

/** An id is whatever its storage holds: never a path. */
function fileOf(runId: string): string {
  return `${encodeURIComponent(runId).replaceAll(".", "%2E").slice(0, 200)}.json`;
}

async function prune(folder: string): Promise<void> {
  const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  if (names.length <= MAX_KEPT) return;
  // Ids of runs begin with their time.
  const old = names.sort().slice(0, names.length - KEEP_AFTER_PRUNE);
  await Promise.all(old.map((name) => Deno.remove(`${folder}/${name}`).catch(() => {})));
}
