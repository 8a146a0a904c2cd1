import assert from "node:assert/strict";
import { characterEnd, characterStart, joinBytes } from "./mod.ts";

const TEXT = "aé€😀";
const BYTES = new TextEncoder().encode(TEXT);
/** Where its characters begin, and its end. */
const BORDERS = [0, 1, 3, 6, 10];

Deno.test("an index moves to the border of its character: on, or back", () => {
  for (let index = 0; index <= BYTES.length; index++) {
    assert.equal(characterStart(BYTES, index), BORDERS.find((border) => border >= index));
    assert.equal(characterEnd(BYTES, index), BORDERS.findLast((border) => border <= index));
  }
});

Deno.test("joinBytes() puts parts one behind the other, empty ones too", () => {
  const parts = [BYTES.subarray(0, 3), BYTES.subarray(3, 3), BYTES.subarray(3)];
  assert.deepEqual(joinBytes(parts, BYTES.length), BYTES);
  assert.deepEqual(joinBytes([], 0), new Uint8Array());
});
