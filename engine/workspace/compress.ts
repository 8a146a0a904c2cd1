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
  const options = signal === undefined ? {} : { signal };
  if (compression === "none") {
    const sink = new WritableStream<Uint8Array>({ write: (piece) => writeAll(file, piece) });
    return await bytes.pipeTo(sink, options);
  }
  try {
    await pipeline(bytes, transformOf(compression), async (pieces: AsyncIterable<Uint8Array>) => {
      for await (const piece of pieces) await writeAll(file, piece);
    }, options);
  } catch (error) {
    await bytes.cancel(error).catch(() => {});
    signal?.throwIfAborted();
    throw error;
  }
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  let at = 0;
  while (at < bytes.length) at += await file.write(bytes.subarray(at));
}

function transformOf(
  compression: "gzip" | "zstd",
): ReturnType<typeof createGzip> | ReturnType<typeof createZstdCompress> {
  if (compression === "gzip") return createGzip({ level: GZIP_LEVEL });
  return createZstdCompress({
    params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL, [constants.ZSTD_c_checksumFlag]: 1 },
  });
}
