import { dirname } from "node:path";
import { laidOutName, layOut } from "../pipelines/mod.ts";
import type { Storage, StoredWorkflowRecord } from "../storage/mod.ts";
import { openWorkflow, type WorkflowSettings } from "../workflow/mod.ts";
import { describeProblem } from "./describe_problem.ts";
import type { FoundWorkflow, RegistrySource, SourceLook } from "./registry_source.ts";
import type { RegistryProblem } from "./registry.ts";

/** Where stored workflows are, and with what they are opened. */
export interface StoredSourceOptions {
  readonly storage: Storage;
  /** Where they are laid out. */
  readonly dataDir: string;
  readonly settings: WorkflowSettings;
}

/** Earlier versions of a name whose runs are looked at too. */
const MAX_FORMER = 50;

/** The newest version of every stored workflow and pipeline, laid out as `pd run` has it. */
export function storedWorkflows(options: StoredSourceOptions): RegistrySource {
  const { storage, dataDir, settings } = options;
  /** Folders of versions that were laid out, by id. */
  let folders: ReadonlyMap<string, string> = new Map();

  async function folderOf(record: StoredWorkflowRecord): Promise<string> {
    const known = folders.get(idOf(record));
    if (known !== undefined) return known;
    const stored = await storage.getWorkflow(record.name, record.version);
    if (stored === undefined) throw new Error(`"${record.name}" was removed at this moment`);
    return await layOut(stored, dataDir);
  }

  /** Names of folders, by hash: a version never changes. */
  const names = new Map<string, Promise<string | undefined>>();

  function nameOfVersion({ name, version, hash }: StoredWorkflowRecord) {
    let found = names.get(hash);
    if (found === undefined) {
      found = storage.getWorkflow(name, version)
        .then((stored) => stored === undefined ? undefined : laidOutName(stored));
      names.set(hash, found);
      found.catch(() => names.delete(hash));
    }
    return found;
  }

  /** Keys of the runs of versions before that one. */
  async function formerKeys({ name }: StoredWorkflowRecord, dir: string): Promise<string[]> {
    const own = await Deno.realPath(dir);
    const keys = new Set<string>();
    for (const record of (await storage.workflowHistory(name)).slice(0, MAX_FORMER)) {
      const folder = await nameOfVersion(record);
      if (folder !== undefined) keys.add(`${dirname(own)}/${folder}`);
    }
    keys.delete(own);
    return [...keys];
  }

  function find(record: StoredWorkflowRecord, dir: string): FoundWorkflow {
    const { name, hash, driver } = record;
    const containers = { ...settings.containers, driver: settings.containers?.driver ?? driver };
    return {
      id: idOf(record),
      name,
      origin: { kind: "stored", place: name },
      stamp: hash,
      open: async () =>
        openWorkflow({ ...settings, containers, dir, formerKeys: await formerKeys(record, dir) }),
    };
  }

  async function look(): Promise<SourceLook> {
    const found: FoundWorkflow[] = [];
    const problems: RegistryProblem[] = [];
    const broken = new Set<string>();
    const laidOut = new Map<string, string>();
    for (const record of await storage.listWorkflows()) {
      try {
        const dir = await folderOf(record);
        laidOut.set(idOf(record), dir);
        found.push(find(record, dir));
      } catch (error) {
        broken.add(record.name);
        problems.push(describeProblem(record.name, error));
      }
    }
    folders = laidOut;
    return { found, problems, isBroken: (id) => broken.has(nameOf(id)) };
  }

  return { look };
}

/** A version is a workflow of its own: its folder, and so the key of its runs, is another one. */
function idOf({ name, hash }: StoredWorkflowRecord): string {
  return `stored:${name}:${hash}`;
}

function nameOf(id: string): string {
  return id.split(":")[1] ?? "";
}
