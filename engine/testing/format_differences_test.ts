import assert from "node:assert/strict";
import { compare } from "./difference.ts";
import { formatDifferences, formatPath } from "./format_differences.ts";
import { ansi } from "./paint.ts";

Deno.test("formatDifferences() shows place, expected and actual", async (t) => {
  const expected = {
    title: "Deno 2",
    tags: ["a", "b"],
    author: { name: "ada" },
    text: "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight",
  };
  const actual = {
    title: "Deno 3",
    tags: ["a", "b", "c"],
    author: {},
    text: "one\ntwo\nTHREE\nfour\nfive\nsix\nseven\neight",
    "odd key": 1,
  };
  await t.assertSnapshot(formatDifferences(compare(expected, actual, "exact")));
});

Deno.test("formatDifferences() colours only when asked to", () => {
  const differences = compare("a", "b", "exact");
  assert.equal(formatDifferences(differences), '(output)\n  - "a"\n  + "b"');
  assert.equal(
    formatDifferences(differences, ansi),
    '(output)\n\x1b[31m  - "a"\x1b[39m\n\x1b[32m  + "b"\x1b[39m',
  );
});

Deno.test("formatDifferences() bounds what it shows, and says so", () => {
  const many = Array.from({ length: 100 }, (_, index) => index);
  const text = formatDifferences(compare(many, many.map((n) => n + 0.5), "exact"));
  assert.match(text, /… and 80 more$/);
  const long = formatDifferences(compare("x".repeat(10_000), "", "exact"));
  assert.match(long, /… \(9602 more characters\)/);
});

Deno.test("formatDifferences() lets no escape sequence of a node reach the terminal", () => {
  const text = formatDifferences(compare("a\nb", "a\n\x1b[2Jb\x9b", "exact"));
  assert.ok(!text.includes("\x1b") && !text.includes("\x9b"), text);
  assert.match(text, /\\u001b\[2Jb\\u009b/);
});

Deno.test("formatPath() writes paths as in code", () => {
  assert.equal(formatPath([]), "(output)");
  assert.equal(formatPath(["a", 0, "b-c", "x y"]), 'a[0].b-c["x y"]');
});
