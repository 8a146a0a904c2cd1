/** `pd-<pid of the engine>-<random>`, below the system's folder for temporary files. */
const NAME = /^pd-(\d+)-/;

/** A new folder of mode 0700 for what the hosts of one runner need: their sockets and configuration. */
export function makeSocketDir(): Promise<string> {
  return Deno.makeTempDir({ prefix: `pd-${Deno.pid}-` });
}

/**
 * Removes the folders of engines that were killed before they could. Where processes cannot be looked
 * up by path (`/proc`), it removes nothing. Never rejects.
 */
export async function sweepSocketDirs(tempDir: string): Promise<void> {
  try {
    await Deno.stat(`/proc/${Deno.pid}`);
    for await (const { name, isDirectory } of Deno.readDir(tempDir)) {
      const pid = NAME.exec(name)?.[1];
      if (pid === undefined || !isDirectory || await exists(`/proc/${pid}`)) continue;
      await Deno.remove(`${tempDir}/${name}`, { recursive: true });
    }
  } catch {
    // Somebody else's folder, or no right to look: theirs to remove.
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
