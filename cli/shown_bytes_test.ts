import assert from "node:assert/strict";
import { shownBytes } from "./shown_bytes.ts";

Deno.test("shownBytes() says a size in three digits or so", () => {
  const sizes = [0, 999, 1024, 1536, 102_400, 1024 ** 2 * 3.4, 1024 ** 4 * 2000];
  assert.deepEqual(sizes.map(shownBytes), [
    "0 B",
    "999 B",
    "1.0 KiB",
    "1.5 KiB",
    "100 KiB",
    "3.4 MiB",
    "2000 TiB",
  ]);
});
