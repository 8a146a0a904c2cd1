import assert from "node:assert/strict";
import { ByteReader } from "./byte_reader.ts";
import { readFrames } from "./frames.ts";

/** Hands out so many bytes at a time. */
function sourceOf(bytes: Uint8Array, step: number): ByteReader {
  let at = 0;
  return new ByteReader({
    read(into) {
      const part = bytes.subarray(at, at + Math.min(step, into.length));
      into.set(part);
      at += part.length;
      return Promise.resolve(part.length === 0 ? null : part.length);
    },
  });
}

function frame(kind: number, text: string): number[] {
  const bytes = [...new TextEncoder().encode(text)];
  return [kind, 0, 0, 0, 0, 0, bytes.length >> 8, bytes.length & 255, ...bytes];
}

Deno.test("readFrames() takes the streams apart wherever a read ends", async () => {
  const long = "x".repeat(300);
  const bytes = Uint8Array.from([
    ...frame(1, "out"),
    ...frame(2, "err"),
    ...frame(1, ""),
    ...frame(1, long),
    ...frame(3, "trouble"),
  ]);
  for (const step of [1, 7, 8, 9, 64, 1000]) {
    const got = { stdout: "", stderr: "" };
    const decoder = new TextDecoder();
    await readFrames(sourceOf(bytes, step), {
      stdout: (part) => void (got.stdout += decoder.decode(part)),
      stderr: (part) => void (got.stderr += decoder.decode(part)),
    });
    assert.deepEqual(got, { stdout: `out${long}`, stderr: "errtrouble" }, `${step} at a time`);
  }
});
