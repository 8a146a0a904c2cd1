import { ahead } from "./ahead.ts";
import { ChunkWriter } from "./chunk_writer.ts";
import { encodeEntry } from "./encode_entry.ts";
import { BLOCK_BYTES, paddingOf, type TarEntry } from "./tar_entry.ts";
import { toStream } from "./to_stream.ts";
import {
  type EnterFolder,
  type TreeFilter,
  unreadable,
  type WalkedEntry,
  walkTree,
} from "./walk_tree.ts";

/** How a folder is packed. */
export interface PackOptions {
  readonly signal?: AbortSignal | undefined;
  /** What goes in; everything without it. */
  readonly filter?: TreeFilter | undefined;
  /** Something that is not in the archive, or not as it is on disk: a socket, a file that shrank meanwhile. */
  onWarning?(message: string): void;
}

/** As `PackOptions`, with rules that depend on the folder, and a view on what was packed. */
export interface PackEntriesOptions {
  readonly signal?: AbortSignal | undefined;
  readonly enter: EnterFolder;
  onWarning?: ((message: string) => void) | undefined;
  onEntry?: ((entry: TarEntry) => void) | undefined;
}

/** Files up to this size are read as a whole, several at once; the larger ones in pieces, one by one. */
const SMALL_FILE_BYTES = 128 * 1024;
const FILES_AHEAD = 32;
const PADDING = new Uint8Array(BLOCK_BYTES);

/**
 * Everything below a folder as a tar stream, sorted by name: files, folders, symlinks as they are, hardlinks as
 * files, with permission bits and times of change. It holds a few files in memory and reads on when it is read.
 * A file that grows while it is read is cut at the size it had; one that shrinks is filled up with zeros, as
 * GNU tar does, with a warning. Sockets and devices are left out with a warning. An abort fails the stream with
 * the signal's reason.
 *
 * The stream fails with `FILE_UNREADABLE` at something that may not be read.
 */
export function packTree(dir: string, options: PackOptions = {}): ReadableStream<Uint8Array> {
  const filter = options.filter ?? (() => true);
  return packEntries(dir, {
    signal: options.signal,
    enter: () => filter,
    onWarning: options.onWarning?.bind(options),
  });
}

/** `packTree` with rules that are found on the way. */
export function packEntries(dir: string, options: PackEntriesOptions): ReadableStream<Uint8Array> {
  return toStream(pack(dir, options), options.signal);
}

async function* pack(dir: string, options: PackEntriesOptions): AsyncGenerator<Uint8Array> {
  const chunks = new ChunkWriter();
  const prepared = ahead(
    walkTree(dir, options.enter),
    (walked) => prepare(dir, walked),
    FILES_AHEAD,
  );
  for await (const item of prepared) {
    if (item.warning !== undefined) options.onWarning?.(item.warning);
    if (item.entry === undefined) continue;
    options.onEntry?.(item.entry);
    yield* chunks.add(encodeEntry(item.entry));
    if (item.entry.sizeBytes === 0) continue;
    if (item.content === undefined) yield* packLarge(dir, item.entry, chunks, options);
    else yield* chunks.add(item.content);
    yield* chunks.add(PADDING.subarray(0, paddingOf(item.entry.sizeBytes)));
  }
  yield* chunks.add(PADDING);
  yield* chunks.add(PADDING);
  yield* chunks.end();
}

/** What is known of something before its turn comes: of a small file also the content. */
interface Prepared {
  readonly entry?: TarEntry;
  readonly content?: Uint8Array;
  readonly warning?: string;
}

async function prepare(dir: string, { path, info }: WalkedEntry): Promise<Prepared> {
  const base = {
    path,
    mode: (info.mode ?? 0o644) & 0o7777,
    mtime: (info.mtime?.getTime() ?? 0) / 1000,
    sizeBytes: 0,
    linkPath: "",
  };
  if (info.isDirectory) return { entry: { ...base, kind: "directory" } };
  try {
    if (info.isSymlink) {
      return {
        entry: { ...base, kind: "symlink", linkPath: await Deno.readLink(`${dir}/${path}`) },
      };
    }
    if (!info.isFile) {
      return { warning: `Left out "${path}": neither a file nor a folder nor a link` };
    }
    if (info.size > SMALL_FILE_BYTES) {
      return { entry: { ...base, kind: "file", sizeBytes: info.size } };
    }
    // Its size is what was read, so it does not matter whether it changed since.
    const content = await Deno.readFile(`${dir}/${path}`);
    return { entry: { ...base, kind: "file", sizeBytes: content.length }, content };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { warning: `Left out "${path}": it is gone` };
    throw unreadable(path, error);
  }
}

async function* packLarge(
  dir: string,
  entry: TarEntry,
  chunks: ChunkWriter,
  options: PackEntriesOptions,
): AsyncGenerator<Uint8Array> {
  let left = entry.sizeBytes;
  try {
    using file = await Deno.open(`${dir}/${entry.path}`);
    while (left > 0) {
      const room = chunks.room(left);
      const count = await file.read(room);
      if (count === null) break;
      left -= count;
      yield* chunks.advance(count);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw unreadable(entry.path, error);
  }
  if (left === 0) return;
  options.onWarning?.(
    `"${entry.path}" shrank by ${left} bytes while it was packed: filled up with zeros`,
  );
  while (left > 0) {
    const room = chunks.room(left);
    room.fill(0);
    left -= room.length;
    yield* chunks.advance(room.length);
  }
}
