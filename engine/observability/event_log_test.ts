import assert from "node:assert/strict";
import { createEventLog } from "./event_log.ts";
import type { RunEvent } from "../executor/mod.ts";

const LINE: RunEvent = {
  runId: "run-1",
  seq: 3,
  at: Date.UTC(2030, 0, 2, 3, 4, 5, 678),
  kind: "log",
  node: "fetch",
  attempt: 2,
  level: "warn",
  message: "slow\x1b[2J\nanswer",
  fields: { ms: 1200 },
};

function linesOf(format: "json" | "text", events: readonly RunEvent[]): string {
  let text = "";
  const log = createEventLog({ format, now: () => 0, write: (more) => text += more });
  for (const event of events) log.event(event);
  log.flush();
  return text;
}

Deno.test("a JSON log is one object a line", () => {
  assert.deepEqual(JSON.parse(linesOf("json", [LINE])), {
    time: "2030-01-02T03:04:05.678Z",
    level: "warn",
    message: "slow\x1b[2J\nanswer",
    node: "fetch",
    runId: "run-1",
    attempt: 2,
    fields: { ms: 1200 },
  });
});

Deno.test("a text log cannot be used to forge lines or to move the cursor", () => {
  assert.equal(
    linesOf("text", [LINE]),
    '03:04:05.678 warn  [fetch] slow�[2J\n  answer {"ms":1200}\n',
  );
});

Deno.test("a log tells of runs that did not succeed, and of no others", () => {
  const base = { runId: "run-1", seq: 1, at: 0, durationMs: 5 };
  const error = { code: "NODE_FAILED", message: "no", fix: "Try" };
  const text = linesOf("json", [
    { ...base, kind: "run.succeeded" },
    { ...base, kind: "run.failed", error },
  ]);
  assert.deepEqual(text.trim().split("\n").map((line) => JSON.parse(line).message), [
    "run failed: NODE_FAILED: no",
  ]);
});
