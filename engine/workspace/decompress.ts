import { pipeline } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { archiveInvalid } from "./archive_invalid.ts";
import { ZSTD_END } from "./zstd_end.ts";

const GZIP = [0x1f, 0x8b];
const ZSTD = [0x28, 0xb5, 0x2f, 0xfd];

/**
 * Undoes gzip or zstd, as the first bytes say; anything else passes as it is.
 *
 * @throws {CodedError} `ARCHIVE_INVALID` when what was compressed is damaged or cut off
 */
export async function* decompress(
  bytes: AsyncGenerator<Uint8Array>,
  key: string,
): AsyncGenerator<Uint8Array> {
  const first = await bytes.next();
  if (first.done === true) throw archiveInvalid(`cache "${key}"`, "it must be whole: it is empty");
  const transform = transformOf(first.value);
  if (transform === undefined) return yield* startingWith(first.value, bytes);
  const isZstd = startsWith(first.value, ZSTD);
  const all = isZstd
    ? checkEnd(startingWith(first.value, bytes))
    : startingWith(first.value, bytes);
  // Its failure is thrown by the transform below, which it destroys.
  pipeline(all, transform, () => {});
  try {
    yield* transform;
  } catch (error) {
    throw archiveInvalid(`cache "${key}"`, "it must be whole: it is damaged or cut off", error);
  } finally {
    transform.destroy();
    await all.return(undefined);
  }
}

async function* startingWith(
  first: Uint8Array,
  rest: AsyncGenerator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    yield first;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}

function transformOf(
  bytes: Uint8Array,
): ReturnType<typeof createGunzip> | ReturnType<typeof createZstdDecompress> | undefined {
  if (startsWith(bytes, GZIP)) return createGunzip();
  if (startsWith(bytes, ZSTD)) return createZstdDecompress();
  return undefined;
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, index) => bytes[index] === byte);
}

/** Passes everything on but the mark at the end, and fails when that is missing. */
async function* checkEnd(bytes: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held = new Uint8Array(0);
  for await (const piece of bytes) {
    const both = new Uint8Array(held.length + piece.length);
    both.set(held);
    both.set(piece, held.length);
    const end = Math.max(both.length - ZSTD_END.length, 0);
    if (end > 0) yield both.subarray(0, end);
    held = both.slice(end);
  }
  if (held.toHex() !== ZSTD_END.toHex()) throw new Error("The mark at its end is missing");
}
