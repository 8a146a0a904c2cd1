import { CodedError } from "../errors/mod.ts";
import { Pace } from "./pace.ts";

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

/** How many calls of the operating system are under way at once where they wait: twice as fast as one by one. */
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
  pace = new Pace(),
): AsyncGenerator<WalkedEntry> {
  // Not by recursion: what goes through many generators takes its time in each.
  const open: Listing[] = [await openFolder(dir, "", enter)];
  for (let folder = open.at(-1); folder !== undefined; folder = open.at(-1)) {
    const rested = pace.rest();
    if (rested !== undefined) await rested;
    if (folder.looked.length === 0 && folder.paths.length > 0) await lookOn(dir, folder, pace);
    const entry = folder.looked.shift();
    if (entry === undefined) {
      open.pop();
      continue;
    }
    yield entry;
    if (entry.info.isDirectory) open.push(await openFolder(dir, entry.path, enter));
  }
}

/** A folder on the way: what is still to be looked at, and what was. */
interface Listing {
  /** The next one last. */
  readonly paths: string[];
  looked: WalkedEntry[];
}

async function openFolder(dir: string, path: string, enter: EnterFolder): Promise<Listing> {
  const entries = await list(dir, path);
  const keep = await enter(path, entries.map((entry) => entry.name));
  const paths = entries.filter((entry) => keep(below(path, entry.name), entry.isDirectory))
    .map((entry) => below(path, entry.name)).sort(byCodeUnits).reverse();
  return { paths, looked: [] };
}

/** Looks at the next few: at least one, unless they are gone. */
async function lookOn(dir: string, folder: Listing, pace: Pace): Promise<void> {
  while (folder.looked.length === 0 && folder.paths.length > 0) {
    const paths = folder.paths.splice(-PARALLEL).reverse();
    const infos = pace.isSlow
      ? await Promise.all(paths.map((path) => orGone(path, Deno.lstat(`${dir}/${path}`))))
      : paths.map((path) => lookNow(path, `${dir}/${path}`, pace));
    folder.looked = paths.flatMap((path, index) => {
      const info = infos[index];
      return info === undefined ? [] : [{ path, info }];
    });
  }
}

function lookNow(path: string, file: string, pace: Pace): Deno.FileInfo | undefined {
  try {
    return pace.do(() => Deno.lstatSync(file));
  } catch (error) {
    return goneOr(path, error);
  }
}

async function orGone(
  path: string,
  looking: Promise<Deno.FileInfo>,
): Promise<Deno.FileInfo | undefined> {
  return await looking.catch((error) => goneOr(path, error));
}

function goneOr(path: string, error: unknown): undefined {
  if (!(error instanceof Deno.errors.NotFound)) throw unreadable(path, error);
}

async function list(dir: string, path: string): Promise<Deno.DirEntry[]> {
  try {
    return await Array.fromAsync(Deno.readDir(path === "" ? dir : `${dir}/${path}`));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound && path !== "") return [];
    throw unreadable(path === "" ? dir : path, error);
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
