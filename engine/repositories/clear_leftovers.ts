/**
 * Removes what a git that was killed has left in a bare repository of its own: locks, on which every later fetch would
 * fail, indexes of checkouts, and packs that were never whole. Nobody else may be at work in it.
 */
export async function clearLeftovers(mirror: string): Promise<void> {
  await clear(mirror, /^index-|\.lock$/);
  await clearLocks(`${mirror}/refs`);
  await clear(`${mirror}/objects/pack`, /^tmp_/);
}

async function clearLocks(dir: string): Promise<void> {
  for (const { name, isDirectory } of await entriesOf(dir)) {
    if (isDirectory) await clearLocks(`${dir}/${name}`);
  }
  // No ref ends like this.
  await clear(dir, /\.lock$/);
}

async function clear(dir: string, pattern: RegExp): Promise<void> {
  for (const { name, isFile } of await entriesOf(dir)) {
    if (isFile && pattern.test(name)) await Deno.remove(`${dir}/${name}`).catch(() => {});
  }
}

async function entriesOf(dir: string): Promise<readonly Deno.DirEntry[]> {
  return await Array.fromAsync(Deno.readDir(dir)).catch(() => []);
}
