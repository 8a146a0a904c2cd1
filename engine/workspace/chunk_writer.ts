/** Pieces of this size cost little each, and a few of them are little memory. */
const CHUNK_BYTES = 256 * 1024;

/** Gathers small pieces of bytes into chunks of one size. Each method yields the chunks that became full. */
export class ChunkWriter {
  #chunk = new Uint8Array(CHUNK_BYTES);
  #used = 0;

  /** Copies the bytes. */
  *add(bytes: Uint8Array): Generator<Uint8Array> {
    let at = 0;
    while (at < bytes.length) {
      const room = this.room(bytes.length - at);
      room.set(bytes.subarray(at, at + room.length));
      at += room.length;
      yield* this.advance(room.length);
    }
  }

  /** A place to write to directly, at least one byte and at most `wanted`, followed by `advance`. */
  room(wanted: number): Uint8Array {
    return this.#chunk.subarray(this.#used, Math.min(this.#used + wanted, CHUNK_BYTES));
  }

  /** Keeps what was written to the beginning of the `room`. */
  *advance(count: number): Generator<Uint8Array> {
    this.#used += count;
    if (this.#used < CHUNK_BYTES) return;
    const full = this.#chunk;
    this.#chunk = new Uint8Array(CHUNK_BYTES);
    this.#used = 0;
    yield full;
  }

  /** The last chunk, if there is anything in it. */
  *end(): Generator<Uint8Array> {
    if (this.#used > 0) yield this.#chunk.subarray(0, this.#used);
  }
}
