import { isOwnerAlive, type Owner } from "../../storage/mod.ts";
import type { OpenDriverOptions } from "../open_options.ts";
import { killMarked } from "./processes.ts";
import { OWNER_FILE, volumesDir } from "./volumes.ts";

/** A folder without an owner is being made, or was left half made that long ago. */
const HALF_MADE_MS = 60_000;

/**
 * Ends the processes and removes the folders of engines that do not live any more. Several engines may do so at
 * the same time.
 */
export async function sweep(options: OpenDriverOptions): Promise<number> {
  const root = volumesDir(options);
  const isAlive = options.isOwnerAlive ?? isOwnerAlive;
  let removed = 0;
  for (const instance of await namesIn(root)) {
    const owner = await ownerOf(`${root}/${instance}`, options.clock.now());
    if (owner === "unknown" || (owner !== "none" && await isAlive(owner))) continue;
    removed += await killMarked(`${instance}/`, options.clock);
    removed += await countVolumes(`${root}/${instance}`);
    await Deno.remove(`${root}/${instance}`, { recursive: true }).catch(unlessGone);
  }
  return removed;
}

async function ownerOf(dir: string, nowMs: number): Promise<Owner | "none" | "unknown"> {
  try {
    return JSON.parse(await Deno.readTextFile(`${dir}/${OWNER_FILE}`)) as Owner;
  } catch {
    const info = await Deno.stat(dir).catch(() => undefined);
    const age = info?.mtime === undefined || info.mtime === null ? 0 : nowMs - +info.mtime;
    return age > HALF_MADE_MS ? "none" : "unknown";
  }
}

async function countVolumes(dir: string): Promise<number> {
  let count = 0;
  for (const run of await namesIn(dir)) {
    if (run === OWNER_FILE) continue;
    count += (await namesIn(`${dir}/${run}`)).filter((name) => !name.startsWith(".")).length;
  }
  return count;
}

async function namesIn(dir: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(dir))).map(({ name }) => name);
  } catch (error) {
    unlessGone(error);
    return [];
  }
}

function unlessGone(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory)) {
    throw error;
  }
}
