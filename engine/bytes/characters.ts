/** The first index from `index` on that does not lie within a character of UTF-8. */
export function characterStart(bytes: Uint8Array, index: number): number {
  let at = index;
  while (at < bytes.length && isContinuation(bytes[at])) at++;
  return at;
}

/** The last index up to `index` at which a character of UTF-8 ends. */
export function characterEnd(bytes: Uint8Array, index: number): number {
  let at = index;
  while (at > 0 && isContinuation(bytes[at])) at--;
  return at;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
