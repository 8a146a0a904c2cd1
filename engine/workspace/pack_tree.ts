import { ahead } from "./ahead.ts";
import { ChunkWriter } from "./chunk_writer.ts";
import { encodeEntry } from "./encode_entry.ts";
import { Pace } from "./pace.ts";
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
  /** What is known of how fast the folder is read. */
  readonly pace?: Pace | undefined;
}

/** Files up to this size are read as a whole; the larger ones in pieces. */
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
  const { pace = new Pace() } = options;
  for await (const item of prepareAll(dir, walkTree(dir, options.enter, pace), pace)) {
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

async function* prepareAll(
  dir: string,
  walk: AsyncGenerator<WalkedEntry>,
  pace: Pace,
): AsyncGenerator<Prepared> {
  try {
    while (!pace.isSlow) {
      const next = await walk.next();
      if (next.done === true) return;
      yield prepareNow(dir, next.value, pace);
    }
    yield* ahead(walk, (walked) => prepareWaiting(dir, walked), FILES_AHEAD);
  } finally {
    await walk.return(undefined);
  }
}

function prepareNow(dir: string, walked: WalkedEntry, pace: Pace): Prepared {
  const file = `${dir}/${walked.path}`;
  try {
    if (walked.info.isSymlink) return linkOf(walked, pace.do(() => Deno.readLinkSync(file)));
    if (isSmall(walked)) return fileOf(walked, pace.do(() => Deno.readFileSync(file)));
  } catch (error) {
    return goneOr(walked, error);
  }
  return bareOf(walked);
}

async function prepareWaiting(dir: string, walked: WalkedEntry): Promise<Prepared> {
  const file = `${dir}/${walked.path}`;
  try {
    if (walked.info.isSymlink) return linkOf(walked, await Deno.readLink(file));
    if (isSmall(walked)) return fileOf(walked, await Deno.readFile(file));
  } catch (error) {
    return goneOr(walked, error);
  }
  return bareOf(walked);
}

function isSmall({ info }: WalkedEntry): boolean {
  return info.isFile && info.size <= SMALL_FILE_BYTES;
}

function linkOf(walked: WalkedEntry, linkPath: string): Prepared {
  return { entry: { ...entryOf(walked, "symlink"), linkPath } };
}

/** Its size is what was read, so it does not matter whether it changed since. */
function fileOf(walked: WalkedEntry, content: Uint8Array): Prepared {
  return { entry: { ...entryOf(walked, "file"), sizeBytes: content.length }, content };
}

/** What has no content, or not yet. */
function bareOf(walked: WalkedEntry): Prepared {
  const { path, info } = walked;
  if (info.isDirectory) return { entry: entryOf(walked, "directory") };
  if (info.isFile) return { entry: { ...entryOf(walked, "file"), sizeBytes: info.size } };
  return { warning: `Left out "${path}": neither a file nor a folder nor a link` };
}

function entryOf({ path, info }: WalkedEntry, kind: TarEntry["kind"]): TarEntry {
  return {
    path,
    kind,
    mode: (info.mode ?? 0o644) & 0o7777,
    mtime: (info.mtime?.getTime() ?? 0) / 1000,
    sizeBytes: 0,
    linkPath: "",
  };
}

function goneOr({ path }: WalkedEntry, error: unknown): Prepared {
  if (error instanceof Deno.errors.NotFound) return { warning: `Left out "${path}": it is gone` };
  throw unreadable(path, error);
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
