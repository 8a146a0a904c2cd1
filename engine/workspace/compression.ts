/** How archives are compressed. */
export type Compression = "gzip" | "zstd" | "none";

export const COMPRESSIONS: readonly Compression[] = ["gzip", "zstd", "none"];
