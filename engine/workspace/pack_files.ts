import { ChunkWriter } from "./chunk_writer.ts";
import { encodeEntry } from "./encode_entry.ts";
import { BLOCK_BYTES, paddingOf } from "./tar_entry.ts";
import { toStream } from "./to_stream.ts";

const PADDING = new Uint8Array(BLOCK_BYTES);

/**
 * Files in memory as a tar stream, with the folders that they lie in, sorted by path. All that could differ between
 * two archives of the same files is fixed: owner root, mode 0644 (folders 0755), and `mtime` in epoch seconds.
 */
export function packFiles(
  files: ReadonlyMap<string, Uint8Array>,
  { mtime }: { readonly mtime: number },
): ReadableStream<Uint8Array> {
  return toStream(pack(files, mtime));
}

async function* pack(
  files: ReadonlyMap<string, Uint8Array>,
  mtime: number,
): AsyncGenerator<Uint8Array> {
  const chunks = new ChunkWriter();
  const folders = new Set<string>();
  for (const path of files.keys()) {
    for (let at = path.indexOf("/"); at > 0; at = path.indexOf("/", at + 1)) {
      folders.add(path.slice(0, at));
    }
  }
  for (const path of [...folders, ...files.keys()].sort()) {
    const content = files.get(path);
    const kind = content === undefined ? "directory" : "file";
    const mode = content === undefined ? 0o755 : 0o644;
    const sizeBytes = content?.length ?? 0;
    yield* chunks.add(encodeEntry({ path, kind, mode, mtime, sizeBytes, linkPath: "" }));
    if (content === undefined) continue;
    yield* chunks.add(content);
    yield* chunks.add(PADDING.subarray(0, paddingOf(sizeBytes)));
  }
  yield* chunks.add(PADDING);
  yield* chunks.add(PADDING);
  yield* chunks.end();
}
