/**
 * Stands at the end of an archive that was compressed by zstd, as its decoder does not mind when the end is missing.
 * It is a skippable frame (RFC 8878, 3.1.2), so other programs read such archives as they are.
 */
export const ZSTD_END: Uint8Array = Uint8Array.of(
  ...[0x50, 0x2a, 0x4d, 0x18],
  ...[0x04, 0x00, 0x00, 0x00],
  ...new TextEncoder().encode("PDOK"),
);
