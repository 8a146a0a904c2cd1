import assert from "node:assert/strict";
import type { JsonValue } from "../json/mod.ts";
import { compare, type Difference, isMatch, type MatchMode } from "./difference.ts";

interface Case {
  readonly name: string;
  readonly match?: MatchMode;
  readonly expected: JsonValue;
  readonly actual: JsonValue;
  readonly differences: Difference[];
}

const CASES: Case[] = [
  {
    name: "keys in another order are no difference",
    expected: { a: 1, b: { c: [null] } },
    actual: { b: { c: [null] }, a: 1 },
    differences: [],
  },
  {
    name: "a changed value is told with its path",
    expected: { list: [{ title: "a" }] },
    actual: { list: [{ title: "b" }] },
    differences: [{ kind: "changed", path: ["list", 0, "title"], expected: "a", actual: "b" }],
  },
  {
    name: "null, an empty object and a missing key are not the same",
    expected: { a: null, b: {}, c: null },
    actual: { a: {}, b: null },
    differences: [
      { kind: "changed", path: ["a"], expected: null, actual: {} },
      { kind: "changed", path: ["b"], expected: {}, actual: null },
      { kind: "missing", path: ["c"], expected: null },
    ],
  },
  {
    name: "a further key is a difference when matched exactly",
    expected: {},
    actual: { a: 1 },
    differences: [{ kind: "extra", path: ["a"], actual: 1 }],
  },
  {
    name: "a further key is none when matched as a subset, at any depth",
    match: "subset",
    expected: { list: [{ id: 1 }] },
    actual: { list: [{ id: 1, title: "a" }], more: true },
    differences: [],
  },
  {
    name: "an array of a subset has the same length",
    match: "subset",
    expected: [{ id: 1 }],
    actual: [{ id: 1 }, { id: 2 }],
    differences: [{ kind: "extra", path: [1], actual: { id: 2 } }],
  },
  {
    name: "one item more at the front is one difference, not a shift of all",
    expected: ["b", "c", "d"],
    actual: ["a", "b", "c", "d"],
    differences: [{ kind: "extra", path: [0], actual: "a" }],
  },
  {
    name: "keys of Object.prototype are keys like any other",
    expected: { toString: "x" },
    actual: {},
    differences: [{ kind: "missing", path: ["toString"], expected: "x" }],
  },
  {
    name: "an array is no object",
    expected: {},
    actual: [],
    differences: [{ kind: "changed", path: [], expected: {}, actual: [] }],
  },
];
for (const { name, match = "exact", expected, actual, differences } of CASES) {
  Deno.test(`compare(): ${name}`, () => {
    assert.deepEqual(compare(expected, actual, match), differences);
    assert.equal(isMatch(expected, actual, match), differences.length === 0);
  });
}

Deno.test("compare() is bounded for long lists that have nothing in common", () => {
  const expected = Array.from({ length: 30_000 }, (_, index) => index);
  const actual = Array.from({ length: 29_999 }, (_, index) => -index - 1);
  assert.equal(compare(expected, actual, "exact").length, 59_999);
});
