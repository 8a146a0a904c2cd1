/** Hands bytes on until the ending of a command comes, and keeps its exit code. */
export class EndingFilter {
  readonly #ending: Uint8Array;
  readonly #onBytes: (bytes: Uint8Array) => void;
  readonly #onEnd: (code: number) => void;
  #held = new Uint8Array(0);
  #isOver = false;

  constructor(
    ending: string,
    options: { onBytes(bytes: Uint8Array): void; onEnd(code: number): void },
  ) {
    this.#ending = new TextEncoder().encode(ending);
    this.#onBytes = options.onBytes;
    this.#onEnd = options.onEnd;
  }

  push(bytes: Uint8Array): void {
    if (this.#isOver) return;
    const all = this.#held.length === 0 ? bytes : concat(this.#held, bytes);
    const at = this.#find(all);
    if (at > 0) this.#onBytes(all.subarray(0, at));
    this.#held = all.slice(at);
    if (this.#held.length <= this.#ending.length) return;
    const said = new TextDecoder().decode(this.#held.subarray(this.#ending.length));
    const code = /^(\d+);/.exec(said)?.[1];
    if (code === undefined) return;
    this.#isOver = true;
    this.#onEnd(Number(code));
  }

  /** Hands on what was held in case it became the ending. */
  flush(): void {
    if (!this.#isOver && this.#held.length > 0) this.#onBytes(this.#held);
    this.#held = new Uint8Array(0);
  }

  /** Where the ending begins, or may begin with what comes next; the length when it does not. */
  #find(all: Uint8Array): number {
    const [first = 0] = this.#ending;
    for (let at = all.indexOf(first); at >= 0; at = all.indexOf(first, at + 1)) {
      const rest = all.subarray(at, at + this.#ending.length);
      if (rest.every((byte, index) => byte === this.#ending[index])) return at;
    }
    return all.length;
  }
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
