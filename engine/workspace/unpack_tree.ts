import { archiveInvalid } from "./archive_invalid.ts";
import { FolderGuard } from "./folder_guard.ts";
import type { TarEntry } from "./tar_entry.ts";
import { TarReader } from "./tar_reader.ts";
import { WriteQueue } from "./write_queue.ts";

/** How an archive is unpacked. */
export interface UnpackOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Files up to this size are held in memory and written several at once. */
const SMALL_FILE_BYTES = 128 * 1024;
/** No set-user-id and the like: who packed it does not decide whom a program runs as. */
const MODE_MASK = 0o777;

/**
 * Unpacks a tar stream below a folder, which must exist. Files that exist are replaced; permission bits, times of
 * change and symlinks are kept, owners and set-user-id bits are not. Nothing outside the folder is touched: an
 * entry with an absolute name or `..`, one that would be written through a symlink, a hardlink to something
 * outside and a device are refused, and what came before them stays. It holds a few files in memory, and
 * cancels the stream when it fails or is aborted (with the signal's reason).
 *
 * @throws {CodedError} `ARCHIVE_INVALID` for what is refused, and for an archive that is damaged or cut off
 */
export async function unpackTree(
  dir: string,
  tar: ReadableStream<Uint8Array>,
  options: UnpackOptions = {},
): Promise<void> {
  const { signal } = options;
  const reader = new TarReader(tar);
  const cancel = () => void reader.cancel(signal?.reason);
  signal?.addEventListener("abort", cancel, { once: true });
  const writes = new WriteQueue();
  try {
    signal?.throwIfAborted();
    await unpack(dir, reader, writes, signal);
    await writes.settled();
  } catch (error) {
    await reader.cancel(error);
    // The stream ends early when it is cancelled, which looks like a damaged archive.
    signal?.throwIfAborted();
    throw error;
  } finally {
    await writes.settled().catch(() => {});
    signal?.removeEventListener("abort", cancel);
  }
}

async function unpack(
  dir: string,
  reader: TarReader,
  writes: WriteQueue,
  signal: AbortSignal | undefined,
): Promise<void> {
  const guard = new FolderGuard(dir);
  const folders: TarEntry[] = [];
  for (let entry = await reader.next(); entry !== undefined; entry = await reader.next()) {
    signal?.throwIfAborted();
    const path = safePath(entry.path);
    if (path === "") continue;
    // What is under way may be what this entry replaces, or lies in.
    await writes.finished(path);
    await guard.enter(path);
    const target = `${dir}/${path}`;
    if (entry.kind === "file" && entry.sizeBytes <= SMALL_FILE_BYTES) {
      const { mode, mtime } = entry;
      const content = await reader.readAll();
      await writes.add(path, () => writeFile(target, path, content, mode, mtime));
      continue;
    }
    if (entry.kind === "directory") {
      await guard.makeFolder(path);
      folders.push({ ...entry, path });
    } else if (entry.kind === "symlink") await makeSymlink(target, path, entry);
    else if (entry.kind === "hardlink") await makeHardlink(dir, guard, writes, path, entry);
    else await writeLarge(target, path, entry, reader);
  }
  await writes.settled();
  // Last, as a folder that may not be written to could not be filled, and inner ones first.
  for (const { path, mode, mtime } of folders.reverse()) {
    await Deno.utime(`${dir}/${path}`, mtime, mtime);
    await Deno.chmod(`${dir}/${path}`, mode & MODE_MASK);
  }
}

/** The parts of a name that are no `.`, joined; empty for the folder itself. */
function safePath(name: string): string {
  if (name.startsWith("/")) {
    throw archiveInvalid(`"${name}"`, "names must be relative: it begins with a slash");
  }
  if (name.includes("\0")) throw archiveInvalid("an entry", "names hold no NUL byte: it has one");
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) {
    throw archiveInvalid(`"${name}"`, 'names must stay below the folder: it has ".."');
  }
  return parts.join("/");
}

async function writeFile(
  target: string,
  path: string,
  content: Uint8Array,
  mode: number,
  mtime: number,
): Promise<void> {
  const kept = mode & MODE_MASK;
  // `createNew` neither follows a link that is there nor writes to a file with other names.
  await replacing(
    target,
    path,
    () => Deno.writeFile(target, content, { createNew: true, mode: kept }),
  );
  if ((kept & Deno.umask()) !== 0) await Deno.chmod(target, kept);
  await Deno.utime(target, mtime, mtime);
}

async function writeLarge(
  target: string,
  path: string,
  entry: TarEntry,
  reader: TarReader,
): Promise<void> {
  const open = () => Deno.open(target, { write: true, createNew: true, mode: 0o600 });
  using file = await replacing(target, path, open);
  for (let piece = await reader.read(); piece !== undefined; piece = await reader.read()) {
    let at = 0;
    while (at < piece.length) at += await file.write(piece.subarray(at));
  }
  await Deno.chmod(target, entry.mode & MODE_MASK);
  await file.utime(entry.mtime, entry.mtime);
}

async function makeSymlink(target: string, path: string, entry: TarEntry): Promise<void> {
  if (entry.linkPath === "" || entry.linkPath.includes("\0")) {
    throw archiveInvalid(`"${path}"`, "a link leads somewhere: its target cannot be read");
  }
  await replacing(target, path, () => Deno.symlink(entry.linkPath, target));
}

async function makeHardlink(
  dir: string,
  guard: FolderGuard,
  writes: WriteQueue,
  path: string,
  entry: TarEntry,
): Promise<void> {
  const original = safePath(entry.linkPath);
  if (original === path) return;
  await writes.finished(original);
  await guard.enter(original, { make: false });
  const info = await Deno.lstat(`${dir}/${original}`).catch(() => undefined);
  if (info?.isFile !== true) {
    throw archiveInvalid(
      `"${path}"`,
      `a hardlink is another name of a file before it: "${entry.linkPath}" is none`,
    );
  }
  await replacing(`${dir}/${path}`, path, () => Deno.link(`${dir}/${original}`, `${dir}/${path}`));
}

/** Does what makes something new, and once more after removing what was there. */
async function replacing<Made>(
  target: string,
  path: string,
  make: () => Promise<Made>,
): Promise<Made> {
  try {
    return await make();
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
  if ((await Deno.lstat(target)).isDirectory) {
    throw archiveInvalid(`"${path}"`, "a folder is not replaced by something else: there is one");
  }
  await Deno.remove(target);
  return await make();
}
