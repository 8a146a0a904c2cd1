import { Flaw } from "./template_error.ts";

/** Something inside of `{{ … }}`. */
export interface Token {
  readonly kind:
    | "space"
    | "word"
    | "field"
    | "variable"
    | "dot"
    | "number"
    | "text"
    | "sign"
    | "end";
  /** As it is written; the content, of a text. */
  readonly value: string;
  readonly at: number;
}

/** A stretch of the template: text as it is, or an action. */
export type Stretch =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "action"; readonly tokens: readonly Token[]; readonly at: number };

const TOKENS =
  /(\s+)|(\.[\p{L}_][\p{L}\p{N}_]*)|(\$[\p{L}\p{N}_]*)|([\p{L}_][\p{L}\p{N}_]*)|([+-]?(?:0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?))|("(?:[^"\\\n]|\\.)*"|`[^`]*`|'(?:[^'\\\n]|\\.)+')|(\.)|(:=|[=|(),])/uy;

const KINDS = ["space", "field", "variable", "word", "number", "text", "dot", "sign"] as const;

/** Cuts a template at its delimiters, and takes the white space that `{{-` and `-}}` trim. */
export function scanTemplate(text: string): readonly Stretch[] {
  const stretches: Stretch[] = [];
  let trimsNext = false;
  for (let at = 0;;) {
    const open = text.indexOf("{{", at);
    let plain = text.slice(at, open === -1 ? undefined : open);
    if (trimsNext) plain = plain.replace(/^[ \t\r\n]+/, "");
    const trimsBefore = open !== -1 && /^-[ \t\r\n]/.test(text.slice(open + 2, open + 4));
    if (trimsBefore) plain = plain.replace(/[ \t\r\n]+$/, "");
    if (plain !== "") stretches.push({ kind: "text", text: plain });
    if (open === -1) return stretches;
    const start = open + 2 + (trimsBefore ? 2 : 0);
    const comment = commentEnd(text, start, open);
    if (comment !== undefined) {
      ({ at, trimsNext } = comment);
      continue;
    }
    const action = scanAction(text, start, open);
    stretches.push({ kind: "action", tokens: action.tokens, at: open });
    ({ at, trimsNext } = action);
  }
}

interface ActionEnd {
  readonly at: number;
  readonly trimsNext: boolean;
}

function commentEnd(text: string, start: number, open: number): ActionEnd | undefined {
  if (!text.startsWith("/*", start)) return undefined;
  const close = text.indexOf("*/", start);
  if (close === -1) throw new Flaw(open, "unclosed comment");
  if (text.startsWith("}}", close + 2)) return { at: close + 4, trimsNext: false };
  if (/^[ \t\r\n]-}}/.test(text.slice(close + 2, close + 6))) {
    return { at: close + 6, trimsNext: true };
  }
  throw new Flaw(open, "comment ends before closing delimiter");
}

function scanAction(
  text: string,
  start: number,
  open: number,
): ActionEnd & { readonly tokens: readonly Token[] } {
  const tokens: Token[] = [];
  for (let at = start;;) {
    if (/^[ \t\r\n]-}}/.test(text.slice(at, at + 4))) {
      tokens.push({ kind: "end", value: "", at });
      return { tokens, at: at + 4, trimsNext: true };
    }
    if (text.startsWith("}}", at)) {
      tokens.push({ kind: "end", value: "", at });
      return { tokens, at: at + 2, trimsNext: false };
    }
    if (at >= text.length) throw new Flaw(open, "unclosed action");
    const token = nextToken(text, at);
    tokens.push(token);
    // White space in front of "-}}" belongs to that.
    at += token.kind === "space" &&
        /^[ \t\r\n]-}}/.test(text.slice(TOKENS.lastIndex - 1, TOKENS.lastIndex + 3))
      ? TOKENS.lastIndex - 1 - at || 1
      : TOKENS.lastIndex - at;
  }
}

function nextToken(text: string, at: number): Token {
  TOKENS.lastIndex = at;
  const match = TOKENS.exec(text);
  if (match === null) throw new Flaw(at, oddCharacter(text, at));
  const kind = KINDS[match.slice(1).findIndex((group) => group !== undefined)] ?? "sign";
  const [value] = match;
  return { kind, value, at };
}

function oddCharacter(text: string, at: number): string {
  const char = String.fromCodePoint(text.codePointAt(at) ?? 0);
  switch (char) {
    case '"':
      return "unterminated quoted string";
    case "`":
      return "unterminated raw quoted string";
    case "'":
      return "unterminated character constant";
    default:
      return `unrecognized character in action: ${JSON.stringify(char)}`;
  }
}
