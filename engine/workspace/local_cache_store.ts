import type { CacheStore } from "./cache_store.ts";
import { compress } from "./compress.ts";
import { ZSTD_END } from "./zstd_end.ts";
import type { Compression } from "./compression.ts";
import { decompress } from "./decompress.ts";
import { toStream } from "./to_stream.ts";

const READ_BYTES = 256 * 1024;
/** The part of a key that people recognise in the name of its file. */
const READABLE_CHARS = 40;
/** A file that somebody still writes is younger. */
const STALE_MS = 24 * 60 * 60 * 1000;

/**
 * Archives in a folder, which only its owner may enter. A key becomes the name of a file by its hash, so it may
 * hold anything. What it was compressed with is seen from its first bytes.
 */
export class LocalCacheStore implements CacheStore {
  readonly #dir: string;
  readonly #compression: Compression;

  constructor(dir: string, compression: Compression) {
    this.#dir = dir;
    this.#compression = compression;
  }

  async restore(
    key: string,
    signal?: AbortSignal,
  ): Promise<ReadableStream<Uint8Array> | undefined> {
    signal?.throwIfAborted();
    try {
      const file = await Deno.open(await this.#pathOf(key));
      if (signal?.aborted) file.close();
      signal?.throwIfAborted();
      return toStream(decompress(piecesOf(file), key), signal);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }

  async persist(
    key: string,
    tar: ReadableStream<Uint8Array>,
    signal?: AbortSignal,
  ): Promise<void> {
    const target = await this.#pathOf(key);
    await Deno.mkdir(this.#dir, { recursive: true, mode: 0o700 });
    await this.#removeStale();
    const temporary = `${target}.${crypto.randomUUID()}.new`;
    try {
      {
        using file = await Deno.open(temporary, { write: true, createNew: true, mode: 0o600 });
        await compress(tar, this.#compression, file, signal);
        if (this.#compression === "zstd") await file.write(ZSTD_END);
        await file.sync();
      }
      await Deno.rename(temporary, target);
    } catch (error) {
      await Deno.remove(temporary).catch(() => {});
      throw error;
    }
  }

  async exists(key: string): Promise<boolean> {
    const path = await this.#pathOf(key);
    return await Deno.stat(path).then((info) => info.isFile, () => false);
  }

  async delete(key: string): Promise<boolean> {
    try {
      await Deno.remove(await this.#pathOf(key));
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
  }

  async #pathOf(key: string): Promise<string> {
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(key));
    const readable = key.replace(/[^A-Za-z0-9]+/g, "-").replace(/^-/, "").slice(0, READABLE_CHARS);
    return `${this.#dir}/${readable}.${new Uint8Array(digest).toHex()}.archive`;
  }

  /** What processes left behind that were killed while they wrote. */
  async #removeStale(): Promise<void> {
    for await (const { name, isFile } of Deno.readDir(this.#dir)) {
      if (!isFile || !name.endsWith(".new")) continue;
      const path = `${this.#dir}/${name}`;
      const writtenAt = (await Deno.lstat(path).catch(() => undefined))?.mtime?.getTime();
      if (writtenAt === undefined || Date.now() - writtenAt < STALE_MS) continue;
      await Deno.remove(path).catch(() => {});
    }
  }
}

async function* piecesOf(file: Deno.FsFile): AsyncGenerator<Uint8Array> {
  using open = file;
  for (;;) {
    const piece = new Uint8Array(READ_BYTES);
    const count = await open.read(piece);
    if (count === null) return;
    yield piece.subarray(0, count);
  }
}
