import assert from "node:assert/strict";
import type { JsonValue } from "./json_value.ts";
import { measureJson } from "./json_measure.ts";

Deno.test("measureJson() counts levels of nesting", () => {
  const cases: readonly [JsonValue, number][] = [
    [null, 0],
    ["text", 0],
    [[], 1],
    [{ a: { b: [1] } }, 3],
    [[[], [[]]], 3],
  ];
  for (const [value, depth] of cases) assert.equal(measureJson(value).depth, depth);
});

Deno.test("measureJson() grows with texts, keys and items", () => {
  assert.ok(measureJson("x".repeat(1000)).bytes >= 2000);
  assert.ok(measureJson({ ["k".repeat(1000)]: 1 }).bytes >= 1000);
  assert.ok(measureJson(new Array(1000).fill(0)).bytes >= 8000);
});

Deno.test("measureJson() measures a million levels, and stops early when asked to", () => {
  const deep = JSON.parse("[".repeat(1_000_000) + "]".repeat(1_000_000));
  assert.equal(measureJson(deep).depth, 1_000_000);
  assert.equal(measureJson(deep, 500).depth, 501);
});
