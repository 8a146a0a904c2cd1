/** What the text of a file begins with that is no plain text: it is stored as text all the same. */
const BINARY = "data:;base64,";

/** A file as text, which `fromStored` makes the same bytes of. */
export function toStored(bytes: Uint8Array): string {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    // Not every storage takes NUL, and what looks like one of ours must not be taken for one.
    if (!text.includes("\0") && !text.startsWith(BINARY)) return text;
  } catch {
    // It is no text.
  }
  return BINARY + bytes.toBase64();
}

/** The bytes of a stored file. One that was stored as text is that text, whatever it begins with. */
export function fromStored(stored: string): Uint8Array<ArrayBuffer> {
  if (stored.startsWith(BINARY)) {
    try {
      return Uint8Array.fromBase64(stored.slice(BINARY.length));
    } catch {
      // Written by hand, or before files could be anything but text.
    }
  }
  return new TextEncoder().encode(stored);
}

/** Whether bytes are those of a stored file. */
export function isStored(bytes: Uint8Array, stored: string): boolean {
  // Large files of text, in a tenth of the time that a look at each byte takes.
  if (!stored.startsWith(BINARY)) {
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes) === stored;
  }
  const wanted = fromStored(stored);
  return bytes.length === wanted.length && bytes.every((byte, i) => byte === wanted[i]);
}
