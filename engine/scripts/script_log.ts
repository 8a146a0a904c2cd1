import type { Clock } from "../clock/mod.ts";
import type { LogLine } from "../executor/mod.ts";

/** A longer line becomes several, all but the last of them `partial`. */
export const MAX_LINE_CHARS = 16_000;
/** From here on lines that come together are kept together: a burst of a million is few events. */
export const MAX_SINGLE_LINES = 500;
/** How long an unfinished line waits for its rest before it is shown as it is. */
export const UNFINISHED_MS = 250;

/**
 * One stream of a script as log lines. Put together again, each message with a newline behind it unless it is
 * `partial`, they are what the script wrote, byte for byte.
 */
export class ScriptLog {
  readonly #stream: "stdout" | "stderr";
  readonly #onLog: (line: LogLine) => void;
  readonly #clock: Clock;
  #rest = "";
  #lines = 0;
  #disarm: (() => void) | undefined;

  constructor(
    stream: "stdout" | "stderr",
    { onLog, clock }: { onLog(line: LogLine): void; readonly clock: Clock },
  ) {
    this.#stream = stream;
    this.#onLog = (line) => onLog(line);
    this.#clock = clock;
  }

  write(text: string): void {
    this.#disarm?.();
    this.#disarm = undefined;
    const end = text.lastIndexOf("\n");
    if (end === -1) this.#rest += text;
    else {
      this.#whole(this.#rest + text.slice(0, end));
      this.#rest = text.slice(end + 1);
    }
    this.#rest = this.#cut(this.#rest);
    if (this.#rest === "") return;
    this.#disarm = this.#clock.after(UNFINISHED_MS, () => this.#flush());
  }

  /** Nothing more comes. */
  end(): void {
    this.#disarm?.();
    this.#flush();
  }

  /** Lines without the newline behind the last of them. */
  #whole(text: string): void {
    let from = 0;
    while (this.#lines < MAX_SINGLE_LINES) {
      const at = text.indexOf("\n", from);
      this.#line(text.slice(from, at === -1 ? undefined : at));
      if (at === -1) return;
      from = at + 1;
    }
    while (text.length - from > MAX_LINE_CHARS) {
      const at = text.lastIndexOf("\n", from + MAX_LINE_CHARS);
      if (at < from) {
        const next = text.indexOf("\n", from);
        this.#line(text.slice(from, next === -1 ? undefined : next));
        if (next === -1) return;
        from = next + 1;
      } else {
        this.#log(text.slice(from, at));
        from = at + 1;
      }
    }
    this.#log(text.slice(from));
  }

  #line(line: string): void {
    this.#log(this.#cut(line));
  }

  /** Logs all but the last part of a line that is too long. */
  #cut(line: string): string {
    let from = 0;
    while (line.length - from > MAX_LINE_CHARS) {
      // Between the halves of a pair nothing is cut.
      const last = line.charCodeAt(from + MAX_LINE_CHARS - 1);
      const end = from + MAX_LINE_CHARS - (last >= 0xd800 && last < 0xdc00 ? 1 : 0);
      this.#log(line.slice(from, end), true);
      from = end;
    }
    return from === 0 ? line : line.slice(from);
  }

  #flush(): void {
    this.#disarm = undefined;
    if (this.#rest !== "") this.#log(this.#rest, true);
    this.#rest = "";
  }

  #log(message: string, partial = false): void {
    this.#lines++;
    const stream = this.#stream;
    this.#onLog({
      level: stream === "stdout" ? "info" : "warn",
      message,
      fields: partial ? { stream, partial } : { stream },
    });
  }
}
