import { systemClock } from "../clock/mod.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
/** Used so long ago, nothing can be running in it, and a run of it will hardly be taken up again. */
const UNUSED_MS = 30 * DAY_MS;
/** Of one name, whose further folders go sooner: a day after the longest time that a pipeline may run. */
const MAX_FOLDERS = 50;
const SURPLUS_MS = 8 * DAY_MS;
/** A draft that its process did not live to finish. */
const DRAFT_MS = DAY_MS;

/**
 * Removes laid-out folders below `<dataDir>/pipelines` that nobody has used for long; a use sets the time of the
 * folder. What cannot be removed is left for the next time.
 */
export async function pruneLaidOut(
  dataDir: string,
  now: number = systemClock.now(),
): Promise<void> {
  const root = `${dataDir}/pipelines`;
  for (const name of await namesIn(root)) {
    if (name.startsWith(".")) continue;
    const parent = `${root}/${name}`;
    const folders = await Promise.all(
      (await namesIn(parent)).map(async (folder) => ({
        folder,
        age: now - await usedAt(parent, folder),
      })),
    );
    const [drafts, whole] = [
      folders.filter(({ folder }) => folder.startsWith(".")),
      folders.filter(({ folder }) => !folder.startsWith(".")).sort((a, b) => a.age - b.age),
    ];
    const old = [
      ...drafts.filter(({ age }) => age > DRAFT_MS),
      ...whole.filter(({ age }, index) => age > (index < MAX_FOLDERS ? UNUSED_MS : SURPLUS_MS)),
    ];
    for (const { folder } of old) await removeAside(parent, folder);
    // One that is empty only.
    if (folders.length === old.length) await Deno.remove(parent).catch(() => {});
  }
}

/** Under another name first: whoever looks at this moment sees a whole folder, or none. */
async function removeAside(parent: string, folder: string): Promise<void> {
  const aside = `${parent}/.${crypto.randomUUID()}`;
  try {
    const before = await usedAt(parent, folder);
    await Deno.rename(`${parent}/${folder}`, aside);
    if ((await Deno.lstat(aside)).mtime?.getTime() !== before) {
      // Somebody has begun to use it at this moment.
      await Deno.rename(aside, `${parent}/${folder}`);
      return;
    }
    await Deno.remove(aside, { recursive: true });
  } catch {
    // Somebody else did, or may.
  }
}

async function usedAt(parent: string, folder: string): Promise<number> {
  const info = await Deno.lstat(`${parent}/${folder}`).catch(() => undefined);
  return info?.mtime?.getTime() ?? Infinity;
}

async function namesIn(dir: string): Promise<string[]> {
  try {
    return await Array.fromAsync(Deno.readDir(dir), ({ name }) => name);
  } catch {
    return [];
  }
}
