import type { ByteReader } from "./byte_reader.ts";

const PART_BYTES = 64 * 1024;

/** The body of an answer as it comes, by the rules of RFC 9112 section 6.3. */
export async function* responseBody(
  reader: ByteReader,
  headers: ReadonlyMap<string, string>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  if (headers.get("transfer-encoding")?.toLowerCase().includes("chunked")) {
    yield* chunkedBody(reader);
  } else if (headers.has("content-length")) {
    yield* counted(reader, Number(headers.get("content-length")));
  } else {
    for (let part; (part = await reader.some(PART_BYTES)) !== undefined;) yield part;
  }
}

async function* chunkedBody(reader: ByteReader): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (;;) {
    const size = parseInt(await reader.line(), 16);
    if (!(size >= 0)) throw new Deno.errors.InvalidData("a chunk of the answer has no size");
    if (size === 0) break;
    yield* counted(reader, size);
    await reader.line();
  }
  while (await reader.line() !== "");
}

async function* counted(
  reader: ByteReader,
  count: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let left = count; left > 0;) {
    const part = await reader.some(left);
    if (part === undefined) {
      throw new Deno.errors.UnexpectedEof("the connection ended in the middle of an answer");
    }
    left -= part.length;
    yield part;
  }
}
