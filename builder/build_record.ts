import type { WorkflowRights } from "./rights.ts";

/** What is kept of the last build of a workflow, to say what the next one changes. */
export interface BuildRecord {
  readonly tag: string;
  /** Id of the image. */
  readonly id: string;
  /** In the registry, once it was pushed. */
  readonly digest?: string;
  readonly rights: WorkflowRights;
}

/** The last build of the workflow of that name; `undefined` when there was none, or nothing is known of it. */
export async function readBuildRecord(
  dataDir: string,
  name: string,
): Promise<BuildRecord | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(pathOf(dataDir, name)));
  } catch {
    return undefined;
  }
}

/** Keeps a build as the last one. */
export async function writeBuildRecord(
  dataDir: string,
  name: string,
  record: BuildRecord,
): Promise<void> {
  const path = pathOf(dataDir, name);
  await Deno.mkdir(`${dataDir}/builds`, { recursive: true, mode: 0o700 });
  const draft = `${path}.${Deno.pid}`;
  await Deno.writeTextFile(draft, `${JSON.stringify(record)}\n`, { mode: 0o600 });
  await Deno.rename(draft, path);
}

function pathOf(dataDir: string, name: string): string {
  return `${dataDir}/builds/${name}.json`;
}
