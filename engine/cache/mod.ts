/** What need not be worked out twice, in the user's cache folder. Losing any of it costs time only. */
export { cacheDir } from "./cache_dir.ts";
export { SpecCache } from "./spec_cache.ts";
