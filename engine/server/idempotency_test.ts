import assert from "node:assert/strict";
import { IdempotencyKeys, MAX_KEYS } from "./idempotency.ts";

Deno.test("keys take bounded memory: the oldest gives way", () => {
  const keys = new IdempotencyKeys(() => 0);
  for (let i = 0; i <= MAX_KEYS; i++) keys.runFor(`key-${i}`, "f", () => `run-${i}`);
  assert.equal(keys.size, MAX_KEYS);
  assert.equal(keys.runFor("key-1", "f", () => "another"), "run-1");
  assert.equal(keys.runFor("key-0", "f", () => "another"), "another");
});

Deno.test("a start that throws leaves its key free", () => {
  const keys = new IdempotencyKeys(() => 0);
  assert.throws(() =>
    keys.runFor("key", "f", () => {
      throw new Error("full");
    })
  );
  assert.equal(keys.runFor("key", "g", () => "run-2"), "run-2");
});
