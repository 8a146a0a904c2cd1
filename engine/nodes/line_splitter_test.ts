import assert from "node:assert/strict";
import { createRedactor } from "../context/mod.ts";
import { LineSplitter, MAX_LINE_CHARS } from "./line_splitter.ts";

const TOKEN = "canary-0123456789";
const LONG = "-".repeat(MAX_LINE_CHARS);

const CASES: readonly { name: string; chunks: readonly string[]; lines: readonly string[] }[] = [
  { name: "nothing", chunks: [], lines: [] },
  { name: "lines in one chunk", chunks: ["a\nb\n\nc"], lines: ["a", "b", "c"] },
  { name: "a line in many chunks", chunks: ["a", "b", "c\nd"], lines: ["abc", "d"] },
  { name: "a line of the longest size", chunks: [LONG, "\n"], lines: [LONG] },
  { name: "a longer line", chunks: [`${LONG}a`, "b\nc\n"], lines: [LONG, "ab", "c"] },
  {
    name: "a line of several times that",
    chunks: [LONG + LONG, `${LONG}a`],
    lines: [LONG, LONG, LONG, "a"],
  },
  {
    name: "a secret across the cut",
    chunks: [LONG.slice(5) + TOKEN, "\n"],
    lines: [`${LONG.slice(5)}***`],
  },
  {
    name: "halves of a secret, the cut between",
    chunks: [LONG.slice(7) + TOKEN.slice(0, 7), `${TOKEN.slice(7)}!\n${TOKEN}`],
    lines: [`${LONG.slice(7)}***!`, TOKEN],
  },
];

for (const { name, chunks, lines } of CASES) {
  Deno.test(`a line splitter splits ${name}`, () => {
    const seen: string[] = [];
    const redactor = createRedactor({ a: { token: TOKEN } });
    const splitter = new LineSplitter((line) => seen.push(line), () => redactor.stream());
    for (const chunk of chunks) splitter.write(chunk);
    splitter.flush();
    assert.deepEqual(seen, lines);
  });
}
