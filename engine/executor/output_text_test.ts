import assert from "node:assert/strict";
import { outputText, type RunEvent } from "./mod.ts";

Deno.test("outputText() puts the lines of a node's last attempt together, byte for byte", () => {
  const events = [
    log("a", 1, "stdout", "old"),
    log("a", 2, "stdout", "one\ntwo"),
    log("b", 1, "stdout", "other"),
    log("a", 2, "stderr", "warned"),
    log("a", 2, "stdout", ""),
    log("a", 2, "stdout", "half", true),
    log("a", 2, "stdout", " line", true),
  ];
  assert.equal(outputText(events, { node: "a", stream: "stdout" }), "one\ntwo\n\nhalf line");
  assert.equal(outputText(events, { node: "a", stream: "stderr" }), "warned\n");
  assert.equal(outputText(events, { node: "c", stream: "stderr" }), "");
});

Deno.test("outputText() gives the last bytes, from the beginning of a character on", () => {
  const events = [log("a", 1, "stdout", "aé😀", true)];
  const last = (lastBytes: number) =>
    outputText(events, { node: "a", stream: "stdout", lastBytes });
  assert.deepEqual([7, 6, 5, 4, 3, 0].map(last), ["aé😀", "é😀", "😀", "😀", "", ""]);
});

function log(
  node: string,
  attempt: number,
  stream: string,
  message: string,
  partial = false,
): RunEvent {
  const fields = partial ? { stream, partial } : { stream };
  return { kind: "log", node, attempt, level: "info", message, fields, runId: "r", seq: 1, at: 1 };
}
