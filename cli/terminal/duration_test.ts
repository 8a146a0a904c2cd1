import assert from "node:assert/strict";
import { formatElapsed } from "./duration.ts";

const CASES: readonly (readonly [ms: number, text: string])[] = [
  [0.04, "0.0 ms"],
  [4.21, "4.2 ms"],
  [120.4, "120 ms"],
  [1_240, "1.2 s"],
  [65_000, "1 m 05 s"],
];

for (const [ms, text] of CASES) {
  Deno.test(`formatElapsed(${ms}) is ${text}`, () => assert.equal(formatElapsed(ms), text));
}
