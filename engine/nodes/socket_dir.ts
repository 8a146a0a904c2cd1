import { cacheDir } from "../cache/mod.ts";
import { isCovered } from "./covered.ts";

/** `pd-<pid of the engine>-<random>`, below one of the folders that `socketBase` chooses from. */
const NAME = /^pd-(\d+)-/;
const TEMP = "/tmp";

/** A new folder of mode 0700 in `base` for what hosts need: their sockets or their configuration. */
export function makeSocketDir(base: string): Promise<string> {
  return Deno.makeTempDir({ dir: base, prefix: `pd-${Deno.pid}-` });
}

/**
 * Where those folders go: the system's folder for temporary files, unless a node may read or write there.
 * Then it is the user's folder for sockets or pd's own in the cache, the first that no node reaches and
 * where a socket works; with neither, as in a container without a home, it is the temporary one after all.
 */
export async function socketBase(
  reached: readonly string[],
  env: (name: string) => string | undefined,
): Promise<string> {
  const temp = env("TMPDIR") || TEMP;
  if (!isCovered(temp, reached)) return temp;
  for (const base of [env("XDG_RUNTIME_DIR"), cacheDir(env)]) {
    if (base?.startsWith("/") && !isCovered(base, reached) && await isUsable(base)) return base;
  }
  return temp;
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

/** Some file systems know no sockets, and a socket's path has a limit of about a hundred bytes. */
async function isUsable(base: string): Promise<boolean> {
  try {
    await Deno.mkdir(base, { recursive: true });
    const dir = await makeSocketDir(base);
    try {
      Deno.listen({ transport: "unix", path: `${dir}/01234567` }).close();
      return true;
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  } catch {
    return false;
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
