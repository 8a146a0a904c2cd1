import assert from "node:assert/strict";
import { formatDuration, formatRelative, formatTicking, shortId } from "./format.ts";

Deno.test("formatDuration() is short, whatever it takes", () => {
  const shown = [-1, 0, 999, 1500, 59_940, 60_000, 3_599_000, 3_600_000, 90_000_000].map(
    formatDuration,
  );
  assert.deepEqual(shown, [
    "0 ms",
    "0 ms",
    "999 ms",
    "1.5 s",
    "59.9 s",
    "1 m 00 s",
    "59 m 59 s",
    "1 h 00 m",
    "1 d 1 h",
  ]);
  assert.equal(formatTicking(1999), "1 s");
});

Deno.test("formatRelative() says how long ago, and in how long", () => {
  assert.equal(formatRelative(0, 1000), "just now");
  assert.equal(formatRelative(0, 61_000), "1 minute ago");
  assert.equal(formatRelative(7_200_000, 0), "in 2 hours");
});

Deno.test("shortId() keeps what tells ids of one moment apart", () => {
  assert.equal(shortId("01a1fce1-7850-77c3-8fad-2826d570c800"), "2826d570c800");
});
