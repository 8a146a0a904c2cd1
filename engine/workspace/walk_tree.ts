import { CodedError } from "../errors/mod.ts";

/** One thing below a folder, as a walk finds it. */
export interface WalkedEntry {
  /** Relative to where the walk began. */
  readonly path: string;
  readonly info: Deno.FileInfo;
}

/** What a walk leaves out: `false` for a folder leaves out all that is in it, which is not even looked at. */
export type TreeFilter = (path: string, isDirectory: boolean) => boolean;

/** How a walk decides, folder by folder, so that a folder's own rules can be read when it is entered. */
export type EnterFolder = (
  path: string,
  names: readonly string[],
) => TreeFilter | Promise<TreeFilter>;

/** How many calls of the operating system are under way at once: twice as fast as one by one. */
const PARALLEL = 32;

/**
 * Everything below `dir`, a folder before what is in it, sorted by name. Holds the names of the folders on the
 * way to where it is, not the tree. What vanishes meanwhile is left out.
 *
 * @throws {CodedError} `FILE_UNREADABLE` for a folder that may not be listed
 */
export async function* walkTree(
  dir: string,
  enter: EnterFolder,
  path = "",
): AsyncGenerator<WalkedEntry> {
  const entries = await list(dir, path);
  const keep = await enter(path, entries.map((entry) => entry.name));
  const kept = entries
    .filter((entry) => keep(below(path, entry.name), entry.isDirectory))
    .map((entry) => below(path, entry.name))
    .sort(byCodeUnits);
  for (let at = 0; at < kept.length; at += PARALLEL) {
    const paths = kept.slice(at, at + PARALLEL);
    const infos = await Promise.all(paths.map((each) => look(`${dir}/${each}`)));
    for (const [index, info] of infos.entries()) {
      const each = paths[index];
      if (info === undefined || each === undefined) continue;
      yield { path: each, info };
      if (info.isDirectory) yield* walkTree(dir, enter, each);
    }
  }
}

async function list(dir: string, path: string): Promise<Deno.DirEntry[]> {
  try {
    return await Array.fromAsync(Deno.readDir(path === "" ? dir : `${dir}/${path}`));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound && path !== "") return [];
    throw unreadable(path === "" ? dir : path, error);
  }
}

async function look(file: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.lstat(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw unreadable(file, error);
  }
}

/** The error for a file or folder that may not be read. */
export function unreadable(path: string, cause: unknown): CodedError {
  const state = cause instanceof Error ? cause.message : String(cause);
  return new CodedError("FILE_UNREADABLE", `Cannot pack "${path}" as it cannot be read: ${state}`, {
    fix: `Make it readable (chmod u+r "${path}"), or leave it out with a line in .pdignore`,
    cause,
  });
}

function below(path: string, name: string): string {
  return path === "" ? name : `${path}/${name}`;
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
