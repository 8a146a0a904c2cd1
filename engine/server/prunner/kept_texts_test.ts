import assert from "node:assert/strict";
import { KeptTexts } from "./kept_texts.ts";

Deno.test("the texts used last are kept, by number and by size", () => {
  const texts = new KeptTexts({ maxTexts: 3, maxChars: 10 });
  for (const key of ["a", "b", "c"]) texts.set(key, key);
  assert.equal(texts.get("a"), "a");
  texts.set("d", "d");
  assert.deepEqual(["a", "b", "c", "d"].map((key) => texts.get(key)), ["a", undefined, "c", "d"]);
  texts.set("long", "123456789");
  assert.deepEqual(["a", "c", "d", "long"].map((key) => texts.get(key)), [
    undefined,
    undefined,
    "d",
    "123456789",
  ]);
  texts.set("long", "1");
  texts.set("more", "12345678");
  assert.equal(texts.get("d"), "d");
});

Deno.test("a text that is more than all may be is not kept, nor what was there before it", () => {
  const texts = new KeptTexts({ maxTexts: 3, maxChars: 5 });
  texts.set("a", "1");
  texts.set("b", "2");
  texts.set("a", "123456");
  assert.equal(texts.get("a"), undefined);
  assert.equal(texts.get("b"), "2");
});
