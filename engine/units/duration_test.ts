import assert from "node:assert/strict";
import { formatDuration, parseDuration } from "./duration.ts";

Deno.test("parseDuration() reads Go-style durations and nothing else", () => {
  const cases: [string, number | undefined][] = [
    ["0", 0],
    ["0s", 0],
    ["500ms", 500],
    ["1.5s", 1_500],
    [".5s", 500],
    ["1.s", 1_000],
    ["1h30m", 5_400_000],
    ["1h1m1s1ms1us1ns", 3_661_001.001001],
    ["1.1s", 1_100],
    ["100µs", 0.1],
    ["2562047h", 9_223_369_200_000],
    ["30s1h", 3_630_000],
    ["", undefined],
    ["30", undefined],
    ["-1s", undefined],
    ["1d", undefined],
    ["1 s", undefined],
    ["s", undefined],
    ["1s ", undefined],
    ["1S", undefined],
    ["1e3s", undefined],
    ["NaNs", undefined],
    ["1s1", undefined],
    [`${"9".repeat(400)}h`, undefined],
  ];
  for (const [text, ms] of cases) assert.equal(parseDuration(text), ms, JSON.stringify(text));
});

Deno.test("formatDuration() writes the shortest text that parses back to the same time", () => {
  const cases: [number, string][] = [
    [0, "0s"],
    [0.0005, "500ns"],
    [0.25, "250µs"],
    [1, "1ms"],
    [1.5, "1.5ms"],
    [999, "999ms"],
    [1_000, "1s"],
    [1_500, "1.5s"],
    [60_000, "1m"],
    [90_500, "1m30.5s"],
    [5_400_000, "1h30m"],
    [3_600_001, "1h0.001s"],
    [86_400_000, "24h"],
  ];
  for (const [ms, text] of cases) {
    assert.equal(formatDuration(ms), text);
    assert.equal(parseDuration(text), ms);
  }
  assert.equal(formatDuration(-1_500), "-1.5s");
});
