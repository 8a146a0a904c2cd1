import assert from "node:assert/strict";
import { fromStored, isStored, toStored } from "./stored_content.ts";

const FILES: readonly { readonly name: string; readonly bytes: Uint8Array }[] = [
  { name: "text", bytes: new TextEncoder().encode("größe\r\n") },
  { name: "text with a byte order mark", bytes: new Uint8Array([0xef, 0xbb, 0xbf, 0x61]) },
  { name: "a text with NUL", bytes: new Uint8Array([0x61, 0, 0x62]) },
  { name: "an image", bytes: new Uint8Array([0x89, 0x50, 0xff, 0, 0xd8]) },
  { name: "nothing", bytes: new Uint8Array() },
  { name: "a text like ours", bytes: new TextEncoder().encode("data:;base64,AAAA") },
  { name: "a text like ours that is none", bytes: new TextEncoder().encode("data:;base64,!") },
];

for (const { name, bytes } of FILES) {
  Deno.test(`${name} comes back byte for byte from what is stored of it`, () => {
    const stored = toStored(bytes);
    assert.doesNotMatch(stored, /\0/);
    assert.deepEqual(new Uint8Array(fromStored(stored)), new Uint8Array(bytes));
    assert.ok(isStored(bytes, stored));
    assert.ok(!isStored(new Uint8Array([...bytes, 1]), stored));
  });
}

Deno.test("a text that was stored before other files could be is itself", () => {
  assert.equal(new TextDecoder().decode(fromStored("data:;base64,!")), "data:;base64,!");
});
