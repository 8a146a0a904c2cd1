/** What bytes are written to. */
export interface ByteSink {
  write(bytes: Uint8Array): Promise<number>;
}

/** Small parts are gathered up to this size: an archive of many files is mostly headers of 512 bytes. */
const GATHER_BYTES = 128 * 1024;
/** Room for the size of a chunk before it, and for the line end behind it. */
const HEAD_BYTES = 10;
const END = new TextEncoder().encode("\r\n");

/** Writes a body as HTTP chunks; one copy of it, one system call per 128 KB. */
export async function writeChunked(
  sink: ByteSink,
  body: AsyncIterable<Uint8Array>,
): Promise<void> {
  const buffer = new Uint8Array(HEAD_BYTES + GATHER_BYTES + END.length);
  let used = 0;
  async function flush(): Promise<void> {
    if (used === 0) return;
    const head = new TextEncoder().encode(`${used.toString(16)}\r\n`);
    const start = HEAD_BYTES - head.length;
    buffer.set(head, start);
    buffer.set(END, HEAD_BYTES + used);
    const end = HEAD_BYTES + used + END.length;
    used = 0;
    await writeAll(sink, buffer.subarray(start, end));
  }
  for await (const part of body) {
    for (let at = 0; at < part.length;) {
      const taken = part.subarray(at, at + GATHER_BYTES - used);
      buffer.set(taken, HEAD_BYTES + used);
      used += taken.length;
      at += taken.length;
      if (used === GATHER_BYTES) await flush();
    }
  }
  await flush();
  await writeAll(sink, new TextEncoder().encode("0\r\n\r\n"));
}

/** Writes all of it: one `write` may take less. */
export async function writeAll(sink: ByteSink, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await sink.write(bytes.subarray(at));
}
