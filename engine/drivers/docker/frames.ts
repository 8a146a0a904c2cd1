import type { ByteReader } from "./byte_reader.ts";

const HEAD_BYTES = 8;
/** The fourth kind tells of the daemon's own trouble with a stream: both go to stderr. */
const STDERR = 2;

/**
 * Takes the two streams of a container apart: frames of a kind, three zero bytes, a big-endian length and that
 * many bytes. Parts are handed on as they come, whatever the length of their frame. Resolves at the end.
 */
export async function readFrames(
  reader: ByteReader,
  on: { stdout(bytes: Uint8Array): void; stderr(bytes: Uint8Array): void },
): Promise<void> {
  for (let head; (head = await reader.exactly(HEAD_BYTES)) !== undefined;) {
    const view = new DataView(head.buffer, head.byteOffset, HEAD_BYTES);
    const isStderr = view.getUint8(0) >= STDERR;
    for (let left = view.getUint32(4); left > 0;) {
      const part = await reader.some(left);
      if (part === undefined) return;
      left -= part.length;
      if (isStderr) on.stderr(part);
      else on.stdout(part);
    }
  }
}
