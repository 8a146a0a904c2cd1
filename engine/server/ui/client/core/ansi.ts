/** Text of one look. */
export interface Span {
  readonly text: string;
  /** Classes, a blank between them; empty for plain text. */
  readonly look: string;
}

/** What escape sequences have switched on, until something switches it off. */
export interface AnsiState {
  readonly color: number | undefined;
  readonly background: number | undefined;
  /** `bold`, `dim`, `italic`, `underline`, `inverse`, `strike`, `hidden`. */
  readonly looks: readonly string[];
}

/** How every log begins. */
export const PLAIN: AnsiState = { color: undefined, background: undefined, looks: [] };

const SEQUENCE =
  // deno-lint-ignore no-control-regex
  /\x1b(?:\[([0-?]*)[ -/]*([@-~])?|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~]?)/g;
// deno-lint-ignore no-control-regex
const CONTROLS = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Parts of a line with their colours, as terminals show them (ECMA-48, SGR). Whatever else an escape sequence would do,
 * move the cursor or name a link, is left out; a line that was written over shows what was written last.
 */
export function parseAnsi(
  line: string,
  before: AnsiState,
): { readonly spans: readonly Span[]; readonly state: AnsiState } {
  if (!line.includes("\x1b") && !line.includes("\r")) {
    const text = clean(line);
    return { spans: text === "" ? [] : [{ text, look: lookOf(before) }], state: before };
  }
  const shown = lastWritten(line);
  const spans: Span[] = [];
  let state = before;
  let at = 0;
  const push = (text: string) => {
    const cleaned = clean(text);
    if (cleaned !== "") spans.push({ text: cleaned, look: lookOf(state) });
  };
  for (const match of shown.matchAll(SEQUENCE)) {
    push(shown.slice(at, match.index));
    at = match.index + match[0].length;
    if (match[2] === "m") state = select(state, match[1] ?? "");
  }
  push(shown.slice(at));
  return { spans, state };
}

/** What is left of a progress bar: the text behind the last carriage return that has any. */
function lastWritten(line: string): string {
  const parts = line.split("\r");
  return parts.findLast((part) => part.replace(SEQUENCE, "").trim() !== "") ?? parts.at(-1) ?? "";
}

/** Marks that turn the direction of text around are as dangerous as escapes. */
function clean(text: string): string {
  return text.replace(CONTROLS, "");
}

function lookOf({ color, background, looks }: AnsiState): string {
  return [
    ...color === undefined ? [] : [`fg-${color}`],
    ...background === undefined ? [] : [`bg-${background}`],
    ...looks.map((look) => `sgr-${look}`),
  ].join(" ");
}

const SWITCHES: {
  readonly [code: number]: readonly [on: readonly string[], off: readonly string[]];
} = {
  1: [["bold"], []],
  2: [["dim"], []],
  3: [["italic"], []],
  4: [["underline"], []],
  7: [["inverse"], []],
  8: [["hidden"], []],
  9: [["strike"], []],
  22: [[], ["bold", "dim"]],
  23: [[], ["italic"]],
  24: [[], ["underline"]],
  27: [[], ["inverse"]],
  28: [[], ["hidden"]],
  29: [[], ["strike"]],
};

function select(state: AnsiState, params: string): AnsiState {
  const codes = params === "" ? [0] : params.split(/[;:]/).map((code) => Number(code) || 0);
  let next = state;
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] ?? 0;
    if (code === 0) next = PLAIN;
    else if (code === 38 || code === 48) {
      const { color, used } = readColor(codes.slice(i + 1));
      i += used;
      next = code === 38 ? { ...next, color } : { ...next, background: color };
    } else next = applyCode(next, code);
  }
  return next;
}

function applyCode(state: AnsiState, code: number): AnsiState {
  if (code >= 30 && code <= 37) return { ...state, color: code - 30 };
  if (code >= 90 && code <= 97) return { ...state, color: code - 82 };
  if (code >= 40 && code <= 47) return { ...state, background: code - 40 };
  if (code >= 100 && code <= 107) return { ...state, background: code - 92 };
  if (code === 39) return { ...state, color: undefined };
  if (code === 49) return { ...state, background: undefined };
  const [on, off] = SWITCHES[code] ?? [[], []];
  const kept = state.looks.filter((look) => !off.includes(look) && !on.includes(look));
  return { ...state, looks: [...kept, ...on] };
}

/** A colour of 256 or of 16 million, as the nearest of sixteen: those are legible in both themes. */
function readColor(
  rest: readonly number[],
): { readonly color: number | undefined; readonly used: number } {
  if (rest[0] === 5) return { color: of256(rest[1] ?? 0), used: 2 };
  if (rest[0] === 2) return { color: nearest(rest[1] ?? 0, rest[2] ?? 0, rest[3] ?? 0), used: 4 };
  return { color: undefined, used: 0 };
}

function of256(index: number): number | undefined {
  if (index < 16) return index;
  if (index >= 232) {
    const grey = (index - 232) * 10 + 8;
    return nearest(grey, grey, grey);
  }
  const cube = index - 16;
  return nearest(
    ...[cube / 36, cube / 6 % 6, cube % 6].map((part) => Math.floor(part) * 51) as [
      number,
      number,
      number,
    ],
  );
}

function nearest(red: number, green: number, blue: number): number {
  const brightest = Math.max(red, green, blue);
  const isOn = (part: number) => part > brightest * 0.6 && part > 50 ? 1 : 0;
  const hue = isOn(red) + 2 * isOn(green) + 4 * isOn(blue);
  if (hue === 0) return brightest > 50 ? 8 : 0;
  if (hue === 7) return brightest > 190 ? 15 : brightest > 110 ? 7 : 8;
  return brightest > 190 ? hue + 8 : hue;
}
