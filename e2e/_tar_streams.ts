/** An entry of an archive that is made up. */
export interface MadeEntry {
  readonly path: string;
  /** A link leads to `/etc`. */
  readonly kind: "file" | "link";
}

const BLOCK = 512;
const CHUNK = 64 * 1024;

/** An archive of files with one byte each, as it is asked for. */
export function filesTar(entries: Iterable<MadeEntry>): ReadableStream<Uint8Array> {
  function* blocks(): Generator<Uint8Array> {
    const content = new Uint8Array(BLOCK);
    content[0] = 120;
    for (const { path, kind } of entries) {
      yield header({ path, type: kind === "link" ? "2" : "0", sizeBytes: kind === "link" ? 0 : 1 });
      if (kind === "file") yield content;
    }
    yield new Uint8Array(2 * BLOCK);
  }
  return ReadableStream.from(blocks());
}

/** An archive of one large file, never there as a whole. */
export function oneFileTar(path: string, sizeBytes: number): ReadableStream<Uint8Array> {
  function* blocks(): Generator<Uint8Array> {
    yield header({ path, type: "0", sizeBytes });
    const chunk = new Uint8Array(CHUNK).fill(7);
    const padded = Math.ceil(sizeBytes / BLOCK) * BLOCK;
    for (let at = 0; at < padded; at += CHUNK) yield chunk.slice(0, padded - at);
    yield new Uint8Array(2 * BLOCK);
  }
  return ReadableStream.from(blocks());
}

function header(entry: { path: string; type: string; sizeBytes: number }): Uint8Array {
  const block = new Uint8Array(BLOCK);
  const put = (at: number, text: string) => {
    new TextEncoder().encodeInto(text, block.subarray(at));
  };
  put(0, entry.path);
  put(100, "0000644\x000000000\x000000000\0");
  put(
    124,
    `${entry.sizeBytes.toString(8).padStart(11, "0")}\x0000000000000\0        ${entry.type}`,
  );
  if (entry.type === "2") put(157, "/etc");
  put(257, "ustar\x0000");
  put(148, `${block.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, "0")}\0 `);
  return block;
}
