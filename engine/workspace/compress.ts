import { pipeline } from "node:stream/promises";
import { constants, createGzip, createZstdCompress } from "node:zlib";
import type { Compression } from "./compression.ts";

/** Quick ones: an archive is written at the end of a run, and somebody waits. */
const GZIP_LEVEL = 3;
const ZSTD_LEVEL = 3;

/** Writes a stream compressed. An abort cancels the stream and rejects with the signal's reason. */
export async function compress(
  bytes: ReadableStream<Uint8Array>,
  compression: Compression,
  file: Deno.FsFile,
  signal?: AbortSignal,
): Promise<void> {
  const write = async (pieces: AsyncIterable<Uint8Array>): Promise<void> => {
    for await (const piece of pieces) {
      let at = 0;
      while (at < piece.length) at += await file.write(piece.subarray(at));
    }
  };
  const options = signal === undefined ? {} : { signal };
  try {
    if (compression === "none") await pipeline(bytes, write, options);
    else await pipeline(bytes, transformOf(compression), write, options);
  } catch (error) {
    await bytes.cancel(error).catch(() => {});
    signal?.throwIfAborted();
    throw error;
  }
}

function transformOf(
  compression: "gzip" | "zstd",
): ReturnType<typeof createGzip> | ReturnType<typeof createZstdCompress> {
  if (compression === "gzip") return createGzip({ level: GZIP_LEVEL });
  return createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL } });
}
