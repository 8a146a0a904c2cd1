/** What bytes are read from. */
export interface ByteSource {
  read(into: Uint8Array): Promise<number | null>;
}

const BUFFER_BYTES = 64 * 1024;
/** Of one line of a head. */
const MAX_LINE_BYTES = 64 * 1024;

/** Reads a connection by lines and by counts. What it hands out stays valid: buffers are never used twice. */
export class ByteReader {
  readonly #source: ByteSource;
  #unread = new Uint8Array(0);

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** At most `maxBytes`, as soon as there are any; undefined at the end. */
  async some(maxBytes: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (this.#unread.length === 0 && !await this.#fill()) return undefined;
    const taken = this.#unread.subarray(0, maxBytes);
    this.#unread = this.#unread.subarray(taken.length);
    return taken;
  }

  /** Exactly that many, or undefined when the source ends where they would begin. */
  async exactly(count: number): Promise<Uint8Array | undefined> {
    while (this.#unread.length < count) {
      if (await this.#fill()) continue;
      if (this.#unread.length === 0) return undefined;
      throw new Deno.errors.UnexpectedEof("the connection ended in the middle of an answer");
    }
    const taken = this.#unread.subarray(0, count);
    this.#unread = this.#unread.subarray(count);
    return taken;
  }

  /** A line without its end. */
  async line(): Promise<string> {
    for (let from = 0;;) {
      const end = this.#unread.indexOf(10, from);
      if (end >= 0) {
        const line = new TextDecoder().decode(this.#unread.subarray(0, end));
        this.#unread = this.#unread.subarray(end + 1);
        return line.replace(/\r$/, "");
      }
      from = this.#unread.length;
      if (from > MAX_LINE_BYTES || !await this.#fill()) {
        throw new Deno.errors.UnexpectedEof("the connection ended before the answer");
      }
    }
  }

  async #fill(): Promise<boolean> {
    const buffer = new Uint8Array(BUFFER_BYTES + this.#unread.length);
    buffer.set(this.#unread);
    const count = await this.#source.read(buffer.subarray(this.#unread.length));
    if (count === null) return false;
    this.#unread = buffer.subarray(0, this.#unread.length + count);
    return true;
  }
}
