/** An entry of an archive as a case writes it, be it allowed or not. */
export interface Entry {
  readonly name: string;
  readonly type?: "file" | "folder" | "symlink";
  readonly mode?: number;
  readonly link?: string;
  readonly content?: string;
}

const BLOCK = 512;

/** An archive of a few entries (POSIX.1-1988 ustar). */
export function tarOf(entries: readonly Entry[]): ReadableStream<Uint8Array> {
  return ReadableStream.from(blocksOf(entries));
}

/** An archive of one file of `sizeBytes` that is never in memory, then `last`. */
export function tarOfBig(name: string, sizeBytes: number): ReadableStream<Uint8Array> {
  return ReadableStream.from(bigBlocks(name, sizeBytes));
}

/** An archive of `count` small files in folders of a thousand. */
export function tarOfMany(count: number): ReadableStream<Uint8Array> {
  return ReadableStream.from(manyBlocks(count));
}

function* blocksOf(entries: readonly Entry[]): Generator<Uint8Array> {
  for (const { name, type = "file", mode = 0o644, link = "", content = "" } of entries) {
    const bytes = new TextEncoder().encode(content);
    const flag = type === "file" ? "0" : type === "symlink" ? "2" : "5";
    yield header(name, { mode, flag, link, sizeBytes: bytes.length });
    if (bytes.length > 0) yield padded(bytes);
  }
  yield new Uint8Array(2 * BLOCK);
}

function* bigBlocks(name: string, sizeBytes: number): Generator<Uint8Array> {
  yield header(name, { mode: 0o644, flag: "0", link: "", sizeBytes });
  const piece = new Uint8Array(256 * 1024).map((_, index) => index * 7);
  for (let left = sizeBytes; left > 0; left -= piece.length) {
    yield piece.slice(0, Math.min(left, piece.length));
  }
  yield new Uint8Array((BLOCK - sizeBytes % BLOCK) % BLOCK + 2 * BLOCK);
}

function* manyBlocks(count: number): Generator<Uint8Array> {
  // Several entries a piece: nobody writes archives by single blocks.
  for (let from = 0; from < count; from += 100) {
    const pieces: Uint8Array[] = [];
    for (let index = from; index < Math.min(from + 100, count); index++) {
      const content = new TextEncoder().encode(`file ${index}\n`);
      const name = `many/${Math.floor(index / 1000)}/${index}.txt`;
      pieces.push(header(name, { mode: 0o644, flag: "0", link: "", sizeBytes: content.length }));
      pieces.push(padded(content));
    }
    yield joined(pieces);
  }
  yield new Uint8Array(2 * BLOCK);
}

function header(
  name: string,
  { mode, flag, link, sizeBytes }: {
    readonly mode: number;
    readonly flag: string;
    readonly link: string;
    readonly sizeBytes: number;
  },
): Uint8Array {
  const block = new Uint8Array(BLOCK);
  const put = (text: string, at: number) => block.set(new TextEncoder().encode(text), at);
  const octal = (value: number, digits: number) => value.toString(8).padStart(digits, "0");
  put(name, 0);
  put(octal(mode, 7), 100);
  put(octal(0, 7), 108);
  put(octal(0, 7), 116);
  put(octal(sizeBytes, 11), 124);
  put(octal(1_700_000_000, 11), 136);
  put("        ", 148);
  put(flag, 156);
  put(link, 157);
  put("ustar\0" + "00", 257);
  put(`${octal(block.reduce((sum, byte) => sum + byte, 0), 6)}\0 `, 148);
  return block;
}

function padded(bytes: Uint8Array): Uint8Array {
  const full = new Uint8Array(Math.ceil(bytes.length / BLOCK) * BLOCK);
  full.set(bytes);
  return full;
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
