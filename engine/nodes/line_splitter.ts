import type { Redactor } from "../context/mod.ts";

type RedactingStream = ReturnType<Redactor["stream"]>;

/** A longer line becomes several. */
export const MAX_LINE_CHARS = 16_000;

/**
 * Splits text that comes in chunks into lines, without those that are empty. A line that is too long is
 * cut; as a secret may lie across the cut, where nobody would find it later, it is redacted before.
 */
export class LineSplitter {
  readonly #emit: (line: string) => void;
  readonly #makeStream: () => RedactingStream;
  #rest = "";
  /** Redacts the line that has become too long. */
  #stream: RedactingStream | undefined;

  constructor(emit: (line: string) => void, makeStream: () => RedactingStream) {
    this.#emit = emit;
    this.#makeStream = makeStream;
  }

  /** Takes a chunk. */
  write(text: string): void {
    const lines = text.split("\n");
    const last = lines.pop() ?? "";
    for (const line of lines) {
      this.#append(line);
      this.flush();
    }
    this.#append(last);
  }

  /** Ends the line that was begun. */
  flush(): void {
    const rest = this.#cut(this.#rest + (this.#stream?.flush() ?? ""));
    this.#rest = "";
    this.#stream = undefined;
    if (rest !== "") this.#emit(rest);
  }

  #append(text: string): void {
    if (this.#stream === undefined && this.#rest.length + text.length > MAX_LINE_CHARS) {
      this.#stream = this.#makeStream();
      text = this.#rest + text;
      this.#rest = "";
    }
    if (this.#stream === undefined) this.#rest += text;
    else this.#rest = this.#cut(this.#rest + this.#stream.write(text));
  }

  #cut(line: string): string {
    let from = 0;
    for (; line.length - from > MAX_LINE_CHARS; from += MAX_LINE_CHARS) {
      this.#emit(line.slice(from, from + MAX_LINE_CHARS));
    }
    return line.slice(from);
  }
}
