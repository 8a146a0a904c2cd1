import assert from "node:assert/strict";
import { createRedactor } from "../context/mod.ts";
import type { RunEvent } from "../executor/mod.ts";
import { createEventLog, type EventLogOptions } from "./event_log.ts";

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

function written(
  events: readonly RunEvent[],
  options: Partial<EventLogOptions> = {},
): string {
  let text = "";
  const log = createEventLog({
    format: "json",
    now: () => 0,
    write: (more) => text += more,
    ...options,
  });
  for (const event of events) log.event(event);
  log.flush();
  return text;
}

function objects(text: string): Record<string, unknown>[] {
  return text.trim().split("\n").map((line) => JSON.parse(line));
}

Deno.test("a JSON log is one object a line, with run, node and attempt", () => {
  assert.deepEqual(objects(written([LINE])), [{
    time: "2030-01-02T03:04:05.678Z",
    level: "warn",
    message: "slow\x1b[2J\nanswer",
    runId: "run-1",
    node: "fetch",
    attempt: 2,
    fields: { ms: 1200 },
  }]);
});

Deno.test("a JSON log names the workflow and the trace", () => {
  const [line] = objects(written([LINE], {
    workflow: () => "hn-digest",
    traceIdOf: (runId) => runId === "run-1" ? "4bf92f3577b34da6a3ce929d0e0e4736" : undefined,
  }));
  assert.equal(line?.["workflow"], "hn-digest");
  assert.equal(line?.["trace_id"], "4bf92f3577b34da6a3ce929d0e0e4736");
});

Deno.test("a text log cannot be used to forge lines or to move the cursor", () => {
  assert.equal(
    written([LINE], { format: "text" }),
    '03:04:05.678 warn  [fetch] slow�[2J\n  answer {"ms":1200}\n',
  );
});

Deno.test("a log tells of trouble: retries, losses, runs that did not succeed", () => {
  const base = { runId: "run-1", seq: 1, at: 0 };
  const place = { node: "fetch", attempt: 1 };
  const error = { code: "NODE_FAILED", message: "no", fix: "Try" };
  const lines = objects(written([
    { ...base, kind: "run.started", workflow: "w", version: "1.0", input: {}, trigger: {} },
    { ...base, ...place, kind: "node.started" },
    { ...base, ...place, kind: "node.retrying", delayMs: 100, error },
    { ...base, ...place, kind: "node.lost", error },
    { ...base, ...place, kind: "node.succeeded", durationMs: 1, output: {} },
    { ...base, kind: "run.succeeded", durationMs: 5 },
    { ...base, kind: "run.resumed", done: 1, unfinished: 2 },
    { ...base, kind: "run.failed", durationMs: 5, error },
    { ...base, kind: "run.cancelled", durationMs: 5, error },
  ]));
  assert.deepEqual(lines.map(({ level, message }) => `${level} ${message}`), [
    "warn attempt 1 failed, the next one follows: NODE_FAILED: no",
    "warn attempt 1 was lost: NODE_FAILED: no",
    "info run taken up again",
    "error run failed: NODE_FAILED: no",
    "warn run cancelled: NODE_FAILED: no",
  ]);
});

Deno.test("a log writes a bounded number of lines a second, and says how many are missing", () => {
  const events = Array.from({ length: 100 }, (_, index) => ({ ...LINE, at: LINE.at + index }));
  const lines = objects(written(events, { rate: { perSecond: 100, burst: 10 } }));
  // Ten at once, and one for each ten of the 99 milliseconds that passed.
  assert.equal(lines.length, 20);
  assert.equal(lines.at(-1)?.["message"], "81 further log lines were not written");
  assert.equal(lines.at(-1)?.["dropped"], 81);
});

Deno.test("the engine's own lines pass redaction, and no chatty node holds them back", () => {
  const redactor = createRedactor({ nats: { token: 'canary-"quoted"', pin: "4711" } });
  let text = "";
  const log = createEventLog({
    format: "json",
    rate: { perSecond: 0, burst: 0 },
    now: () => 0,
    write: (more) => text += more,
    redact: (value) => redactor.value(value),
  });
  log.line("warn", 'no answer with canary-"quoted"', {
    url: 'nats://canary-"quoted"@host',
    pin: 4711,
    none: undefined,
  });
  log.flush();
  assert.deepEqual(objects(text), [{
    time: "1970-01-01T00:00:00.000Z",
    level: "warn",
    message: "no answer with ***",
    url: "nats://***@host",
    pin: "***",
  }]);
});

Deno.test("a text log of many workflows says which one, and which run", () => {
  const text = written([
    LINE,
    { kind: "run.resumed", runId: "run-1", seq: 2, at: LINE.at, done: 0, unfinished: 0 },
  ], { format: "text", namesWorkflow: true, workflow: () => "digest" });
  assert.match(text, /^\S+ \w+ +\[digest\/\S+\] /);
  assert.match(text, /\n\S+ info {2}\[digest\] run taken up again \(run run-1\)\n$/);
});
