const ZERO_WIDTH = /^[\p{Mark}\p{Default_Ignorable_Code_Point}]+$/u;
const WIDE =
  // Emoji, and the East Asian wide and full-width blocks.
  /\p{Emoji_Presentation}|\ufe0f|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}]/u;
// deno-lint-ignore no-control-regex -- escape sequences are what this is about
const ESCAPES = /\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])/g;
// deno-lint-ignore no-control-regex -- control characters are what this is about
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;

let segmenter: Intl.Segmenter | undefined;

/** How many terminal columns a line takes; colour sequences take none. */
export function displayWidth(line: string): number {
  const text = line.replace(ESCAPES, "");
  if (isAscii(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes(text)) width += graphemeWidth(segment);
  return width;
}

/** Cuts a line without colours to at most `columns`, the last of them an ellipsis. */
export function truncate(line: string, columns: number): string {
  if (columns <= 0) return "";
  if (displayWidth(line) <= columns) return line;
  let width = 0;
  let kept = "";
  for (const { segment } of graphemes(line)) {
    width += graphemeWidth(segment);
    if (width > columns - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** Fills with spaces up to `columns`. */
export function padEnd(line: string, columns: number): string {
  return line + " ".repeat(Math.max(0, columns - displayWidth(line)));
}

/**
 * Makes foreign text safe to print: escape sequences go, and control characters but newline and tab
 * become visible. A node's log line must not move the cursor or set the window's title.
 */
export function printable(text: string): string {
  return text.replace(ESCAPES, "").replace(/\r\n/g, "\n").replace(
    CONTROLS,
    (char) => char < " " ? String.fromCharCode(0x2400 + char.charCodeAt(0)) : "\ufffd",
  );
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7e) return false;
  return true;
}

function graphemes(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: "grapheme" });
  return segmenter.segment(text);
}

function graphemeWidth(grapheme: string): number {
  if (ZERO_WIDTH.test(grapheme)) return 0;
  return WIDE.test(grapheme) ? 2 : 1;
}
