import type { JsonValue } from "../json/mod.ts";
import { Flaw } from "./template_error.ts";

const ESCAPES: { readonly [char: string]: string } = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  "'": "'",
  '"': '"',
};

/** The value of `"…"` with its escapes, of a raw string, or of a character, which is a number in Go. */
export function literalText(source: string, at: number): JsonValue {
  const inner = source.slice(1, -1);
  if (source.startsWith("`")) return inner.replaceAll("\r", "");
  const text = inner.replaceAll(
    /\\(x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[0-7]{3}|.)/g,
    (_, escape: string) => {
      const known = ESCAPES[escape];
      if (known !== undefined && Object.hasOwn(ESCAPES, escape)) return known;
      const code = /^[xuU]./.test(escape) ? parseInt(escape.slice(1), 16) : parseInt(escape, 8);
      if (Number.isNaN(code) || code > 0x10ffff) throw new Flaw(at, `invalid syntax: ${source}`);
      return String.fromCodePoint(code);
    },
  );
  if (!source.startsWith("'")) return text;
  const code = text.codePointAt(0);
  if (code === undefined || String.fromCodePoint(code) !== text) {
    throw new Flaw(at, `malformed character constant: ${source}`);
  }
  return code;
}
