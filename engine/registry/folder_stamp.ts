import { isNoise } from "../workflow/mod.ts";

/** Hidden folders hold nothing that a workflow is made of, but for this one. */
const SECRETS = ".secrets";

/** What to look through. */
export interface FolderStampOptions {
  /** Absolute paths whose change means nothing. */
  isIgnored(path: string): boolean;
}

/** Stays the same until a file below a workflow's folder is written, replaced, added or removed. */
export async function folderStamp(dir: string, options: FolderStampOptions): Promise<string> {
  const lines: string[] = [];
  await collect(dir, "", { ...options, lines });
  const bytes = new TextEncoder().encode(lines.sort().join("\n"));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/** Stays the same until one of these files and folders, or anything in them, is. */
export async function stampOfPlaces(places: readonly string[]): Promise<string> {
  const stamps = places.map(async (place) => {
    const stat = await Deno.stat(place).catch(() => undefined);
    if (stat === undefined) return "-";
    if (!stat.isDirectory) return `${stat.size}:${stat.mtime?.getTime()}:${stat.ino}`;
    return await folderStamp(place, { isIgnored: () => false });
  });
  return (await Promise.all(stamps)).join();
}

async function collect(
  root: string,
  inside: string,
  options: FolderStampOptions & { readonly lines: string[] },
): Promise<void> {
  const work: Promise<void>[] = [];
  for await (const entry of Deno.readDir(inside === "" ? root : `${root}/${inside}`)) {
    const relative = inside === "" ? entry.name : `${inside}/${entry.name}`;
    const path = `${root}/${relative}`;
    if (isNoise(relative) || options.isIgnored(path)) continue;
    if (!entry.isDirectory) work.push(note(path, relative, options.lines));
    else if (!entry.name.startsWith(".") || entry.name === SECRETS) {
      work.push(collect(root, relative, options));
    }
  }
  await Promise.all(work);
}

async function note(path: string, relative: string, lines: string[]): Promise<void> {
  try {
    const { size, mtime, ino } = await Deno.stat(path);
    lines.push(`${relative}:${size}:${mtime?.getTime()}:${ino}`);
  } catch (error) {
    // Gone by now, or a link that leads nowhere.
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
