import type { SecretScreen } from "./secret_screen.ts";
import type { OpenRun, TokenShape } from "./token_shapes.ts";

/** What stands in place of a secret. */
export const MASK = "***";

/** Where a scan stopped, for the text that follows. */
export interface ScanState {
  /** The end of the text that may still become a secret. */
  held: string;
  /** The mask that was written last covers `held` up to here; -1 when none reaches it. */
  maskedTo: number;
  /** Matches that reached the end of the text, and go on in the next. */
  runs: ReadonlyMap<TokenShape, OpenRun>;
}

const NO_RUNS: ReadonlyMap<TokenShape, OpenRun> = new Map();

/** The state before any text. */
export function startOfText(): ScanState {
  return { held: "", maskedTo: -1, runs: NO_RUNS };
}

/** How a text is scanned. */
export interface ScanOptions {
  /** No more text follows. */
  readonly isFinal: boolean;
  /** Nothing begins before this place. */
  readonly from?: number;
}

/**
 * Masks every secret in `text` and returns what may be shown. Matches that overlap or touch become one
 * mask. Unless `isFinal`, what may still become a secret stays in `state.held`. Linear in the text.
 */
export function redactText(
  screen: SecretScreen,
  text: string,
  state: ScanState,
  { isFinal, from = 0 }: ScanOptions,
): string {
  const scan = new Scan(text, state);
  let cut = -1;
  for (let at = screen.next(text, from); at !== -1; at = screen.next(text, at + 1)) {
    if (scan.take(screen, at, isFinal)) {
      cut = at;
      break;
    }
  }
  if (!isFinal && cut === -1) cut = screen.cutStart(text, 0);
  return scan.finish(cut === -1 ? text.length : cut, state);
}

/** One pass over one text. */
class Scan {
  readonly #text: string;
  #out = "";
  /** Up to here the text has been written out or masked. */
  #written = 0;
  /** The match that is being merged; -1 when there is none. */
  #start = -1;
  #end = -1;
  /** Its mask was written with the text before. */
  #isMasked = false;
  readonly #runs = new Map<TokenShape, OpenRun>();
  /** Where each shape's last match or failure ends: inside of it nothing new begins. */
  readonly #done = new Map<TokenShape, number>();

  constructor(text: string, state: ScanState) {
    this.#text = text;
    if (state.maskedTo === -1) return;
    this.#start = 0;
    this.#end = state.maskedTo;
    this.#isMasked = true;
    const from = state.maskedTo;
    for (const [shape, run] of state.runs) this.#found(shape, run, run.extend(text, from));
  }

  /** Takes in what begins at `at`. True when it may begin a secret that more text would complete. */
  take(screen: SecretScreen, at: number, isFinal: boolean): boolean {
    const text = this.#text;
    const bucket = screen.bucket(text, at);
    if (bucket === undefined) return false;
    const left = text.length - at;
    let end = -1;
    for (const literal of bucket.literals) {
      if (literal.length > left) {
        if (!isFinal && literal.startsWith(text.slice(at))) return true;
      } else if (text.startsWith(literal, at)) {
        end = at + literal.length;
        break;
      }
    }
    for (const shape of bucket.shapes) {
      if (at < (this.#done.get(shape) ?? 0)) continue;
      const match = shape.match(text, at, isFinal);
      if (match.kind === "partial") return true;
      if (match.kind === "none") {
        this.#done.set(shape, match.deadEnd);
        continue;
      }
      this.#merge(at, match.end);
      this.#found(shape, match.run, match.end);
    }
    if (end !== -1) this.#merge(at, end);
    return false;
  }

  /** Writes out everything before `cut` and leaves the rest to `state`. */
  finish(cut: number, state: ScanState): string {
    if (this.#start !== -1 && (this.#start < cut || this.#isMasked)) this.#flush();
    if (this.#written < cut) this.#out += this.#text.slice(this.#written, cut);
    const reaches = this.#isMasked && this.#end >= cut;
    state.held = this.#text.slice(cut);
    state.maskedTo = reaches ? this.#end - cut : -1;
    state.runs = reaches ? this.#runs : NO_RUNS;
    return this.#out;
  }

  /** Notes where a token ends, and that it may go on. */
  #found(shape: TokenShape, run: OpenRun, end: number): void {
    this.#end = Math.max(this.#end, end);
    this.#done.set(shape, end);
    if (end === this.#text.length) this.#runs.set(shape, run);
  }

  #merge(start: number, end: number): void {
    if (this.#start !== -1 && start <= this.#end) {
      this.#end = Math.max(this.#end, end);
      return;
    }
    if (this.#start !== -1) this.#flush();
    this.#start = start;
    this.#end = end;
    this.#isMasked = false;
  }

  #flush(): void {
    if (!this.#isMasked) {
      this.#out += this.#text.slice(this.#written, this.#start) + MASK;
      this.#isMasked = true;
    }
    this.#written = Math.max(this.#written, this.#end);
  }
}
