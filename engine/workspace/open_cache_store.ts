import { resolve } from "node:path";
import { type Address, parseAddress } from "../address/mod.ts";
import { CodedError } from "../errors/mod.ts";
import type { CacheStore } from "./cache_store.ts";
import { type Compression, COMPRESSIONS } from "./compression.ts";

/** What a cache store is opened with. */
export interface OpenCacheStoreOptions {
  /** What relative paths start from. */
  readonly cwd: string;
}

const EXAMPLE = "local:///var/cache/pd, or local://./cache?compression=gzip";

/**
 * Opens the store at an address: `local:///path`, `local://./path`, with `?compression=gzip|zstd|none` (zstd
 * unless it says otherwise). Its folder is made when something is kept in it.
 *
 * @throws {CodedError} `CACHE_INVALID` for an address that says nothing to us; parameters are not shown
 */
export async function openCacheStore(
  text: string,
  options: OpenCacheStoreOptions,
): Promise<CacheStore> {
  const address = parseAddress(text);
  if (address === undefined) throw invalid("the cache", "it is scheme://path?key=value: it is not");
  if (address.scheme !== "local") {
    throw invalid(`cache "${address.scheme}:"`, "there is one kind of store: local");
  }
  if (address.target === "") throw invalid('cache "local:"', "it needs a path: there is none");
  const compression = compressionOf(address);
  const { LocalCacheStore }: typeof import("./local_cache_store.ts") = await import(
    new URL("./local_cache_store.ts", import.meta.url).href
  );
  return new LocalCacheStore(resolve(options.cwd, address.target), compression);
}

function compressionOf({ params }: Address): Compression {
  const { compression = "zstd", ...others } = params;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw invalid('cache "local:"', `its one parameter is compression: there is "${unknown}"`);
  }
  const known = COMPRESSIONS.find((each) => each === compression);
  if (known !== undefined) return known;
  throw invalid('cache "local:"', `it compresses with ${COMPRESSIONS.join(", ")}: not with that`);
}

function invalid(what: string, why: string): CodedError {
  return new CodedError("CACHE_INVALID", `Cannot open ${what} as ${why}`, { fix: EXAMPLE });
}
