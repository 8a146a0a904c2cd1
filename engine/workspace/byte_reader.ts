/** Reads a stream in pieces of the size that is asked for, whatever the sizes of its chunks. */
export class ByteReader {
  readonly #source: ReadableStreamDefaultReader<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);
  #at = 0;

  constructor(source: ReadableStream<Uint8Array>) {
    this.#source = source.getReader();
  }

  /** Exactly that many bytes, or what there was before the end. They may share memory with the stream's chunk. */
  async take(count: number): Promise<Uint8Array> {
    if (this.#chunk.length - this.#at >= count) {
      this.#at += count;
      return this.#chunk.subarray(this.#at - count, this.#at);
    }
    const whole = new Uint8Array(count);
    let filled = 0;
    while (filled < count) {
      const piece = await this.some(count - filled);
      if (piece === undefined) return whole.subarray(0, filled);
      whole.set(piece, filled);
      filled += piece.length;
    }
    return whole;
  }

  /** At least one and at most that many bytes, without copying; undefined at the end. */
  async some(atMost: number): Promise<Uint8Array | undefined> {
    while (this.#at === this.#chunk.length) {
      const next = await this.#source.read();
      if (next.done) return undefined;
      this.#chunk = next.value;
      this.#at = 0;
    }
    const end = Math.min(this.#at + atMost, this.#chunk.length);
    const piece = this.#chunk.subarray(this.#at, end);
    this.#at = end;
    return piece;
  }

  /** Tells the source that nothing more is wanted. */
  async cancel(reason?: unknown): Promise<void> {
    await this.#source.cancel(reason).catch(() => {});
  }
}
