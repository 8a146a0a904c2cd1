import { DriverError } from "./driver_error.ts";
import { TarWalker } from "./tar_walker.ts";

/**
 * Hands an archive on as it is, and stops before an entry that would leave the folder it is unpacked into: by
 * `..`, by an absolute name, or through a symlink that the archive itself brought. Files, folders and links
 * only.
 *
 * @throws {DriverError} `ARCHIVE_INVALID`
 */
export async function* checkArchive(
  tar: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const symlinks = new Set<string>();
  const walker = new TarWalker(({ path, linkPath, type }) => {
    if (!"01257".includes(type)) {
      throw leaves(path, "only files, folders and links are unpacked");
    }
    const clean = cleanPath(path, path);
    refuseThroughLinks(clean, path, symlinks);
    if (type === "1") refuseThroughLinks(cleanPath(linkPath, path), path, symlinks);
    if (type === "2") symlinks.add(clean);
    else symlinks.delete(clean);
  });
  for await (const chunk of tar) {
    const ready = walker.push(chunk);
    if (ready.length > 0) yield ready;
  }
  walker.end();
}

function cleanPath(path: string, entry: string): string {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (path.startsWith("/") || parts.includes("..")) {
    throw leaves(entry, "names are relative and stay in their folder");
  }
  return parts.join("/");
}

function refuseThroughLinks(clean: string, entry: string, symlinks: ReadonlySet<string>): void {
  if (symlinks.size === 0) return;
  for (let at = clean.indexOf("/"); at >= 0; at = clean.indexOf("/", at + 1)) {
    if (symlinks.has(clean.slice(0, at))) {
      throw leaves(entry, `nothing is written through a link: "${clean.slice(0, at)}" is one`);
    }
  }
}

function leaves(path: string, rule: string): DriverError {
  return new DriverError("ARCHIVE_INVALID", `Cannot unpack "${path}" as ${rule}`, {
    fix: "tar -C <folder> -cf <archive> .",
  });
}
