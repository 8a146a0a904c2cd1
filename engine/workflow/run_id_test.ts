import assert from "node:assert/strict";
import { createRunIds } from "./run_id.ts";

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

function fillWith(byte: number): (bytes: Uint8Array) => void {
  return (bytes) => void bytes.fill(byte);
}

Deno.test("createRunIds() writes the time into the first 48 bits", () => {
  const next = createRunIds({ now: () => 0x0192_3456_789a, fill: fillWith(0) });
  assert.equal(next(), "01923456-789a-7000-8000-000000000000");
});

Deno.test("createRunIds() gives version 7 and the RFC's variant whatever the randomness", () => {
  for (const byte of [0x00, 0x55, 0xff]) {
    const next = createRunIds({ now: () => 1_700_000_000_000, fill: fillWith(byte) });
    assert.match(next(), UUID_V7);
  }
});

Deno.test("createRunIds() counts up within a millisecond and never repeats", () => {
  const next = createRunIds({
    now: () => 1_700_000_000_000,
    fill: (bytes) => crypto.getRandomValues(bytes),
  });
  const ids = Array.from({ length: 20_000 }, next);
  assert.deepEqual(ids, ids.toSorted());
  assert.equal(new Set(ids).size, ids.length);
});

Deno.test("createRunIds() goes on upwards when the clock steps back", () => {
  let nowMs = 1_700_000_000_000;
  const next = createRunIds({
    now: () => nowMs,
    fill: (bytes) => crypto.getRandomValues(bytes),
  });
  const before = next();
  nowMs -= 60_000;
  assert.ok(next() > before);
});
