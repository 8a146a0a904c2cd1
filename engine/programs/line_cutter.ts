/** A longer line becomes several. */
export const MAX_LINE_CHARS = 16_000;

/** Cuts text that comes in chunks into lines, without those that are empty. */
export class LineCutter {
  readonly #emit: (line: string) => void;
  #rest = "";

  constructor(emit: (line: string) => void) {
    this.#emit = emit;
  }

  write(text: string): void {
    let from = 0;
    for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", from)) {
      this.#append(text.slice(from, at));
      this.flush();
      from = at + 1;
    }
    this.#append(text.slice(from));
  }

  /** Ends the line that was begun. */
  flush(): void {
    const line = this.#rest.endsWith("\r") ? this.#rest.slice(0, -1) : this.#rest;
    this.#rest = "";
    if (line !== "") this.#emit(line);
  }

  #append(text: string): void {
    this.#rest += text;
    while (this.#rest.length > MAX_LINE_CHARS) {
      // Between the halves of a pair nothing is cut.
      const last = this.#rest.charCodeAt(MAX_LINE_CHARS - 1);
      const end = last >= 0xd800 && last < 0xdc00 ? MAX_LINE_CHARS - 1 : MAX_LINE_CHARS;
      this.#emit(this.#rest.slice(0, end));
      this.#rest = this.#rest.slice(end);
    }
  }
}
