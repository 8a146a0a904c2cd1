/** Folders that hold copies, tools or what tests need, and no workflows of this place. */
const SKIPPED: ReadonlySet<string> = new Set(["node_modules", "testdata"]);

/**
 * Paths of the files below `dir`, relative to it and in order. Hidden folders (`.git`, `.pd`), `node_modules` and
 * `testdata` are left out; a link to a file is one, a link to a folder is not followed.
 */
export async function walkFiles(dir: string): Promise<readonly string[]> {
  const paths: string[] = [];
  await walk(dir, "", paths);
  return paths.sort();
}

/** Whether walks go into a folder of that name. */
export function isWalked(name: string): boolean {
  return !name.startsWith(".") && !SKIPPED.has(name);
}

async function walk(root: string, inside: string, paths: string[]): Promise<void> {
  const below: Promise<void>[] = [];
  try {
    for await (const entry of Deno.readDir(`${root}/${inside}`)) {
      const path = inside + entry.name;
      if (entry.isFile) paths.push(path);
      else if (entry.isDirectory && isWalked(entry.name)) below.push(walk(root, `${path}/`, paths));
      else if (entry.isSymlink) below.push(addLinked(root, path, paths));
    }
  } catch (error) {
    // A folder that went away, or that is none of ours to read, holds nothing to run.
    const isBeyond = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.PermissionDenied;
    if (inside === "" || !isBeyond) throw error;
  }
  await Promise.all(below);
}

async function addLinked(root: string, path: string, paths: string[]): Promise<void> {
  const stat = await Deno.stat(`${root}/${path}`).catch(() => undefined);
  if (stat?.isFile) paths.push(path);
}
