/** How far a private key in PEM has been read. Kept between the chunks of a stream. */
export interface PemState {
  phase: "separator" | "token" | "escape" | "begin" | "end" | "done";
  /** Length of the token so far. */
  length: number;
  /** The token holds `:` or `,`, as the header lines of an encrypted key do. */
  isHeader: boolean;
  /** Key material has been read: header lines are over. */
  isBody: boolean;
  /** A short token has been read: only the END line may follow. */
  isLast: boolean;
  /** Dashes in a row. */
  dashes: number;
  /** In a marker line: its label has begun. */
  hasLabel: boolean;
}

const BEGIN = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z0-9 ]{0,20}-----/y;
const BEGIN_PART =
  /^-(?:-(?:-(?:-(?:-(?:B(?:E(?:G(?:I(?:N(?: [A-Z0-9 ]{0,72}-{0,4})?)?)?)?)?)?)?)?)?)?$/;
/** A BEGIN line has at most this many characters. */
export const MAX_PEM_HEADER = 93;
/** A full line of key material has 64 or 76; anything shorter than this is prose or the last line. */
const MIN_TOKEN = 20;

/** Where the BEGIN line of a private key that starts at `at` ends; -1 for none. */
export function pemHeaderEnd(text: string, at: number): number {
  BEGIN.lastIndex = at;
  return BEGIN.test(text) ? BEGIN.lastIndex : -1;
}

/** Whether the text from `at` on may be the start of a BEGIN line that is cut off. */
export function isPemHeaderPart(text: string, at: number): boolean {
  return text.length - at <= MAX_PEM_HEADER && BEGIN_PART.test(text.slice(at));
}

/** The state right behind a BEGIN line. */
export function openPem(): PemState {
  return {
    phase: "separator",
    length: 0,
    isHeader: false,
    isBody: false,
    isLast: false,
    dashes: 0,
    hasLabel: false,
  };
}

/**
 * Reads a private key on from `from`, one character at a time, and returns where it ends: behind the END
 * line, or at the first thing that can be no part of a key when it is cut off. Still open (`phase` is
 * not `"done"`) when the text ends first.
 */
export function readPem(state: PemState, text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    if (!step(state, text.charCodeAt(at))) {
      const wasMarkerEnd = state.phase === "done";
      state.phase = "done";
      return wasMarkerEnd ? at + 1 : at;
    }
  }
  return text.length;
}

/** Takes one character in; false when the block is over (`phase` is `"done"` when it belongs to it). */
function step(state: PemState, code: number): boolean {
  if (state.phase === "begin" || state.phase === "end") return stepMarker(state, code);
  if (state.phase === "escape") {
    state.phase = "separator";
    return true;
  }
  if (code === DASH) return stepDash(state);
  state.dashes = 0;
  if (code === BACKSLASH || code <= SPACE) {
    endToken(state);
    state.phase = code === BACKSLASH ? "escape" : "separator";
    return isSpace(code) || code === BACKSLASH;
  }
  const isMark = code === COLON || code === COMMA;
  if (!isBase64(code) && !isMark) return false;
  if (state.phase === "separator") {
    if (state.isLast) return false;
    state.phase = "token";
    state.length = 0;
    state.isHeader = false;
  }
  state.length++;
  if (isMark) state.isHeader = true;
  return !(isMark && state.isBody);
}

/** Dashes stand in header lines (`DEK-Info`), and five of them open a marker line. */
function stepDash(state: PemState): boolean {
  state.dashes++;
  if (state.dashes === 5) {
    endToken(state);
    state.phase = "end";
    state.dashes = 0;
    state.hasLabel = false;
  } else if (state.phase === "token") {
    state.length++;
  }
  return true;
}

function stepMarker(state: PemState, code: number): boolean {
  if (code === DASH) {
    if (!state.hasLabel) return true;
    state.dashes++;
    if (state.dashes < 5) return true;
    if (state.phase === "begin") {
      Object.assign(state, openPem());
      return true;
    }
    state.phase = "done";
    return false;
  }
  if (!isLabel(code) || state.dashes > 0) return false;
  // A key that is cut off by the BEGIN of another one goes on with that one.
  if (!state.hasLabel && code === LETTER_B) state.phase = "begin";
  state.hasLabel = true;
  return true;
}

function endToken(state: PemState): void {
  if (state.phase !== "token") return;
  state.phase = "separator";
  if (state.isHeader && !state.isBody) return;
  // Words of a header line ("Proc-Type: 4,ENCRYPTED") end with a mark; key material is long.
  if (state.length >= MIN_TOKEN) state.isBody = true;
  else state.isLast = true;
}

const DASH = 45;
const BACKSLASH = 92;
const COLON = 58;
const COMMA = 44;
const SPACE = 32;
const LETTER_B = 66;

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

function isLabel(code: number): boolean {
  return (code >= 65 && code <= 90) || (code >= 48 && code <= 57) || code === 32;
}

function isBase64(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 47 && code <= 57) ||
    code === 43 || code === 61;
}
