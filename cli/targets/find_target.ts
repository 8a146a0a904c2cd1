import { join, relative, resolve } from "node:path";
import { CodedError } from "../../engine/errors/mod.ts";

/** A workflow on disk. */
export interface Target {
  /** The folder, absolute. */
  readonly dir: string;
  /** Its `workflow.yaml`, absolute. */
  readonly file: string;
}

const FILE_NAMES = ["workflow.yaml", "workflow.yml"];

/** How a command calls itself. */
export interface FindTargetOptions {
  /** Before the target in a fix, `pd run` by default. */
  readonly command?: string;
}

/** What came of looking for a path. */
export interface TargetSearch {
  readonly found: Target | undefined;
  /** What is at the places that were looked at, unless it was found. */
  readonly looked: readonly string[];
}

/**
 * Finds what `pd validate TARGET` and its like mean: a folder with a workflow.yaml, or such a file.
 *
 * @throws {CodedError} `TARGET_NOT_FOUND`, with every place that was looked at
 */
export async function findTarget(
  target: string,
  cwd: string,
  { command = "pd run" }: FindTargetOptions = {},
): Promise<Target> {
  const { found, looked } = await searchTarget(target, cwd);
  if (found !== undefined) return found;
  throw new CodedError(
    "TARGET_NOT_FOUND",
    `Cannot find "${target}" as a workflow: looked at ${looked.join("; ")}`,
    { fix: await nearestFix(cwd, command) },
  );
}

/** Looks at a path: a folder with a workflow.yaml, or such a file. */
export async function searchTarget(target: string, cwd: string): Promise<TargetSearch> {
  const path = resolve(cwd, target);
  const kind = await kindOf(path);
  if (kind === "file" && /\.ya?ml$/.test(path)) {
    return { found: { dir: resolve(path, ".."), file: path }, looked: [] };
  }
  if (kind !== "folder") {
    const state = kind === "file" ? "not a .yaml or .yml file" : "no such file or folder";
    return { found: undefined, looked: [`${path}: ${state}`] };
  }
  const looked: string[] = [];
  for (const name of FILE_NAMES) {
    const file = join(path, name);
    if (await kindOf(file) === "file") return { found: { dir: path, file }, looked: [] };
    looked.push(`${file}: no such file`);
  }
  return { found: undefined, looked };
}

/** What to call instead: the workflow that is nearest to `cwd`, or a new one. */
export async function nearestFix(cwd: string, command: string): Promise<string> {
  const near = await nearestWorkflow(cwd);
  return near === undefined ? "pd init my-flow" : `${command} ${relative(cwd, near) || "."}`;
}

/** A path as a person at `cwd` would type it: relative when it is below, else absolute. */
export function shownPath(path: string, cwd: string): string {
  const short = relative(cwd, path);
  if (short === "") return ".";
  return short.startsWith("..") ? path : short;
}

/** The current folder or a subfolder of it that holds a workflow. */
async function nearestWorkflow(cwd: string): Promise<string | undefined> {
  if (await holdsWorkflow(cwd)) return cwd;
  try {
    const names: string[] = [];
    for await (const entry of Deno.readDir(cwd)) {
      if (entry.isDirectory && !entry.name.startsWith(".")) names.push(entry.name);
      if (names.length === 200) break;
    }
    for (const name of names.sort()) {
      const folder = join(cwd, name);
      if (await holdsWorkflow(folder)) return folder;
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied)) {
      throw error;
    }
  }
  return undefined;
}

async function holdsWorkflow(folder: string): Promise<boolean> {
  for (const name of FILE_NAMES) if (await kindOf(join(folder, name)) === "file") return true;
  return false;
}

async function kindOf(path: string): Promise<"file" | "folder" | undefined> {
  try {
    const { isFile, isDirectory } = await Deno.stat(path);
    return isFile ? "file" : isDirectory ? "folder" : undefined;
  } catch {
    return undefined;
  }
}
