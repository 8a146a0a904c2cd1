import assert from "node:assert/strict";
import { Pace } from "./pace.ts";

const WAIT = new Int32Array(new SharedArrayBuffer(4));

/** Holds this thread up, as a slow disk does. */
function block(ms: number): void {
  Atomics.wait(WAIT, 0, 0, ms);
}

Deno.test("calls are slow when many are, not when one is", () => {
  const pace = new Pace();
  pace.do(() => block(10));
  assert.equal(pace.isSlow, false);
  for (let quick = 0; quick < 100; quick++) pace.do(() => {});
  pace.do(() => block(10));
  pace.do(() => block(10));
  assert.equal(pace.isSlow, false);
  pace.do(() => block(10));
  assert.equal(pace.isSlow, true);
});

Deno.test("what a call answers or throws comes out", () => {
  const pace = new Pace();
  assert.equal(pace.do(() => 7), 7);
  assert.throws(() => pace.do(() => JSON.parse("{")), SyntaxError);
});

Deno.test("others are let in when a slice is over, and not before", async () => {
  const pace = new Pace();
  let isServed = false;
  setTimeout(() => isServed = true);
  while (!isServed) {
    const rested = pace.rest();
    if (rested !== undefined) await rested;
  }
  const calls = Array.from({ length: 10 }, () => pace.rest());
  await Promise.all(calls);
  assert.ok(calls.filter((rested) => rested === undefined).length >= 8);
});
