import { pipeline } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { archiveInvalid } from "./archive_invalid.ts";

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
  const all = startingWith(first.value, bytes);
  const transform = transformOf(first.value);
  if (transform === undefined) return yield* all;
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
  if (GZIP.every((byte, index) => bytes[index] === byte)) return createGunzip();
  if (ZSTD.every((byte, index) => bytes[index] === byte)) return createZstdDecompress();
  return undefined;
}
