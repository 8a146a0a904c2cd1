import assert from "node:assert/strict";
import { parseAnsi, PLAIN } from "./ansi.ts";

for (
  const { name, line, want } of [
    { name: "plain text", line: "plain", want: [["plain", ""]] },
    {
      name: "colours and looks",
      line: "\x1b[1;31mbad\x1b[22m worse\x1b[0m done",
      want: [["bad", "fg-1 sgr-bold"], [" worse", "fg-1"], [" done", ""]],
    },
    { name: "bright colours and backgrounds", line: "\x1b[92;44mx", want: [["x", "fg-10 bg-4"]] },
    { name: "one of 256", line: "\x1b[38;5;196mx", want: [["x", "fg-9"]] },
    { name: "one of 16 million", line: "\x1b[38;2;20;180;30mx", want: [["x", "fg-2"]] },
    {
      name: "colons between the parts",
      line: "\x1b[4:3mx",
      want: [["x", "sgr-underline sgr-italic"]],
    },
    {
      name: "nothing of links, titles, moves and unfinished sequences",
      line: "\x1b]8;;http://evil\x07a\x1b]8;;\x1b\\b\x1b[2J\x1b[10;10Hc\x1b]0;title\x07d\x1b[3",
      want: [["a", ""], ["b", ""], ["c", ""], ["d", ""]],
    },
    { name: "what was written last", line: "10%\r50%\r100%\r", want: [["100%", ""]] },
    { name: "no control characters", line: "a\x00\x07b\u202ec", want: [["abc", ""]] },
    { name: "markup as text", line: "<b>&amp;", want: [["<b>&amp;", ""]] },
  ]
) {
  Deno.test(`parseAnsi() shows ${name}`, () => {
    const { spans } = parseAnsi(line, PLAIN);
    assert.deepEqual(spans.map(({ text, look }) => [text, look]), want);
  });
}

Deno.test("parseAnsi() goes on in the next line with what is switched on", () => {
  const { state } = parseAnsi("\x1b[33mfirst", PLAIN);
  assert.deepEqual(parseAnsi("second", state).spans, [{ text: "second", look: "fg-3" }]);
});
