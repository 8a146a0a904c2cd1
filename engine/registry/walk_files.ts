/** Folders that hold copies, tools or what tests need, and no workflows of this place. */
const SKIPPED: ReadonlySet<string> = new Set(["node_modules", "testdata"]);

/**
 * Paths of the files below `dir`, relative to it and in no order. Hidden folders (`.git`, `.pd`), `node_modules`
 * and `testdata` are left out, and no link is followed.
 */
export async function walkFiles(dir: string): Promise<readonly string[]> {
  const paths: string[] = [];
  await walk(dir, "", paths);
  return paths;
}

async function walk(root: string, inside: string, paths: string[]): Promise<void> {
  const folders: string[] = [];
  try {
    for await (const { name, isDirectory, isFile } of Deno.readDir(`${root}/${inside}`)) {
      if (isFile) paths.push(inside + name);
      else if (isDirectory && !name.startsWith(".") && !SKIPPED.has(name)) {
        folders.push(`${inside}${name}/`);
      }
    }
  } catch (error) {
    const isOurs = inside === "";
    // A folder that went away, or that is none of ours to read, holds nothing to run.
    const isBeyond = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.PermissionDenied;
    if (isOurs || !isBeyond) throw error;
  }
  await Promise.all(folders.map((folder) => walk(root, folder, paths)));
}
