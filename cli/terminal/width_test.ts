import assert from "node:assert/strict";
import { displayWidth, padEnd, printable, truncate } from "./width.ts";

const WIDTHS: readonly (readonly [name: string, text: string, width: number])[] = [
  ["plain letters", "abc", 3],
  ["an accent of its own", "e\u0301", 1],
  ["Chinese", "日本", 4],
  ["an emoji", "😀", 2],
  ["a family of emoji", "👩‍👩‍👧", 2],
  ["colours", "\x1b[31mred\x1b[39m", 3],
  ["a zero-width space", "a\u200bb", 2],
];

for (const [name, text, width] of WIDTHS) {
  Deno.test(`displayWidth() of ${name} is ${width}`, () => assert.equal(displayWidth(text), width));
}

Deno.test("truncate() never takes more columns than there are, and never cuts a letter", () => {
  for (let columns = 0; columns < 12; columns++) {
    for (const text of ["hello world", "日本語の文字", "a😀b😀c😀d"]) {
      const cut = truncate(text, columns);
      assert.ok(displayWidth(cut) <= columns, `${cut} in ${columns}`);
      assert.ok(text.startsWith(cut.replace(/…$/, "")));
    }
  }
  assert.equal(truncate("hello", 5), "hello");
  assert.equal(truncate("hello", 4), "hel…");
});

Deno.test("padEnd() fills by columns, not by letters", () => {
  assert.equal(padEnd("日本", 6), "日本  ");
});

Deno.test("printable() lets no text move the cursor, set the title or forge a line", () => {
  assert.equal(printable("a\x1b[2Jb"), "ab");
  assert.equal(printable("\x1b]0;title\x07x"), "x");
  assert.equal(printable("a\rb"), "a␍b");
  assert.equal(printable("a\bb"), "a␈b");
  assert.equal(printable("a\tb\nc"), "a\tb\nc");
  assert.equal(printable("a\x9b2Jb"), "a\ufffd2Jb");
});
