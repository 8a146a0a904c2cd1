import assert from "node:assert/strict";
import { keptTexts } from "./kept_texts.ts";

function stream(text: string, totalBytes?: number) {
  const bytes = new TextEncoder().encode(text);
  return { kept: () => ({ bytes, totalBytes: totalBytes ?? bytes.length }) };
}

const CASES: readonly {
  readonly name: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly keeps: readonly [stdout: number, stderr: number];
}[] = [
  { name: "two that fit", stdout: "a".repeat(50), stderr: "b".repeat(50), keeps: [50, 50] },
  {
    name: "two that are too long",
    stdout: "a".repeat(90),
    stderr: "b".repeat(90),
    keeps: [50, 50],
  },
  {
    name: "a short and a long one",
    stdout: "a".repeat(9),
    stderr: "b".repeat(200),
    keeps: [9, 91],
  },
  {
    name: "a long and a short one",
    stdout: "a".repeat(200),
    stderr: "b".repeat(9),
    keeps: [91, 9],
  },
  { name: "one alone", stdout: "a".repeat(200), stderr: "", keeps: [100, 0] },
  {
    name: "what JSON makes longer",
    stdout: "\0".repeat(90),
    stderr: "\n".repeat(90),
    keeps: [8, 26],
  },
  {
    name: "what UTF-8 makes longer",
    stdout: "😀".repeat(90),
    stderr: "é".repeat(90),
    keeps: [24, 26],
  },
];

for (const { name, stdout, stderr, keeps } of CASES) {
  Deno.test(`keptTexts() makes an answer that fits of ${name}`, () => {
    const texts = keptTexts({ stdout: stream(stdout), stderr: stream(stderr) }, 100);
    const kept = [texts.stdout, texts.stderr].map((text) =>
      text.replace(/\n\[cut off: \d+ of \d+ bytes\]\n$/, "")
    );
    assert.deepEqual(kept.map((text) => text.length), keeps);
    const json = new TextEncoder().encode(JSON.stringify(kept.join(""))).length - 2;
    assert.ok(json <= 100, `${json}`);
  });
}

Deno.test("keptTexts() says how much of a stream there is not", () => {
  const { stdout, stderr } = keptTexts({
    stdout: stream("a".repeat(200), 300),
    stderr: stream("b", 9),
  }, 100);
  assert.match(stdout, /^a{99}\n\[cut off: 99 of 300 bytes\]\n$/);
  assert.equal(stderr, "b\n[cut off: 1 of 9 bytes]\n");
});
