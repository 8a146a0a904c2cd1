import { dirname } from "node:path";
import {
  folderSource,
  isWrittenByNodes,
  openWorkflow,
  type Workflow,
  type WorkflowGraph,
  type WorkflowSettings,
} from "../workflow/mod.ts";
import { describeProblem } from "./describe_problem.ts";
import { folderStamp } from "./folder_stamp.ts";
import { inTurns } from "./in_turns.ts";
import type { FoundWorkflow, RegistrySource, SourceLook } from "./registry_source.ts";
import type { RegistryProblem } from "./registry.ts";
import { walkFiles } from "./walk_files.ts";

/** Folders that are looked through at the same time. */
const AT_A_TIME = 16;

/** Where workflow folders are, and with what they are opened. */
export interface FolderSourceOptions {
  /** With everything below it. Absolute, symlinks resolved. */
  readonly path: string;
  readonly settings: WorkflowSettings;
}

interface Known {
  readonly fileStamp: string;
  readonly graph: Promise<WorkflowGraph>;
}

/** Every folder with a `workflow.yaml` below a path, one within another too. */
export function workflowFolders({ path, settings }: FolderSourceOptions): RegistrySource {
  /** What was read, by file: a file is read again when it changes. */
  const known = new Map<string, Known>();

  async function load(dir: string, file: string): Promise<WorkflowGraph> {
    const { size, mtime, ino } = await Deno.stat(file);
    const fileStamp = `${size}:${mtime?.getTime()}:${ino}`;
    const last = known.get(file);
    if (last?.fileStamp === fileStamp) return await last.graph;
    const graph = folderSource({ dir, file }, settings.cacheDir).load();
    known.set(file, { fileStamp, graph });
    return await graph;
  }

  function open(dir: string, file: string): Promise<Workflow> {
    return openWorkflow({ ...settings, source: { dir, file, load: () => load(dir, file) } });
  }

  async function find(file: string): Promise<FoundWorkflow> {
    const dir = dirname(file);
    const { spec } = await load(dir, file);
    return {
      id: idOf(file),
      name: spec.name,
      origin: { kind: "folder", place: dir },
      stamp: await folderStamp(dir, {
        isIgnored: (path) => isWrittenByNodes(spec, { dir, path }),
      }),
      open: () => open(dir, file),
    };
  }

  async function look(): Promise<SourceLook> {
    const files = workflowFiles(await walkFiles(path)).map((file) => `${path}/${file}`);
    const there = new Set(files);
    for (const file of known.keys()) if (!there.has(file)) known.delete(file);
    const found: FoundWorkflow[] = [];
    const problems: RegistryProblem[] = [];
    const broken = new Set<string>();
    await inTurns(files, AT_A_TIME, async (file) => {
      try {
        found.push(await find(file));
      } catch (error) {
        broken.add(idOf(file));
        problems.push(describeProblem(dirname(file), error));
      }
    });
    return {
      found: found.sort((a, b) => compare(a.id, b.id)),
      problems: problems.sort((a, b) => compare(a.place, b.place)),
      isBroken: (id) => broken.has(id),
    };
  }

  return { look };
}

/** One per folder: `workflow.yaml` before `workflow.yml`. */
function workflowFiles(paths: readonly string[]): readonly string[] {
  const all = new Set(paths.filter((path) => /(^|\/)workflow\.ya?ml$/.test(path)));
  return [...all].filter((path) =>
    path.endsWith(".yaml") || !all.has(path.replace(/yml$/, "yaml"))
  );
}

function idOf(file: string): string {
  return `folder:${file}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
