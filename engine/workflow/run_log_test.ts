import assert from "node:assert/strict";
import { FakeClock } from "../clock/mod.ts";
import { createRedactor } from "../context/mod.ts";
import type { RunEvent, RunEventBody } from "../executor/mod.ts";
import { MAX_LOG_BYTES, MAX_LOG_LINES, RunLog, type RunLogOptions } from "./run_log.ts";

function openLog(overrides: Partial<RunLogOptions> = {}): RunLog {
  return new RunLog({
    info: { id: "run-1" },
    clock: new FakeClock(1000),
    redactor: createRedactor({}),
    onEvent() {},
    ...overrides,
  });
}

const STARTED: RunEventBody = { kind: "node.started", node: "a", attempt: 1 };
const SKIPPED: RunEventBody = { kind: "node.skipped", node: "a" };

function line(message: string, node = "a"): RunEventBody {
  return { kind: "log", node, attempt: 1, level: "info", message };
}

async function collect(events: AsyncIterable<RunEvent>): Promise<number[]> {
  const numbers: number[] = [];
  for await (const event of events) numbers.push(event.seq);
  return numbers;
}

Deno.test("a log numbers events from 1 and stamps run and time", () => {
  const log = openLog();
  log.append(STARTED);
  log.append(SKIPPED);
  assert.deepEqual(log.after(0), [
    { runId: "run-1", seq: 1, at: 1000, ...STARTED },
    { runId: "run-1", seq: 2, at: 1000, ...SKIPPED },
  ]);
  assert.deepEqual(log.after(1).map((event) => event.seq), [2]);
  assert.deepEqual(log.after(0, 1).map((event) => event.seq), [1]);
});

Deno.test("a log replays, follows in order, and ends when it is closed", async () => {
  const log = openLog();
  log.append(STARTED);
  const all = collect(log.follow(0));
  const later = collect(log.follow(1));
  await Promise.resolve();
  log.append(line("one"));
  log.append(line("two"));
  log.close();
  assert.deepEqual(await all, [1, 2, 3]);
  assert.deepEqual(await later, [2, 3]);
  assert.deepEqual(await collect(log.follow(2)), [3]);
});

Deno.test("an abort ends whoever follows, and leaves nothing behind", async () => {
  const log = openLog();
  const abort = new AbortController();
  const followed = collect(log.follow(0, abort.signal));
  log.append(STARTED);
  abort.abort();
  await followed;
  await log.changed(100, abort.signal);
});

Deno.test("a log redacts every value that came from outside the engine, once", () => {
  const redactor = createRedactor({ test: { key: "canary" } });
  let passes = 0;
  const log = openLog({
    redactor: {
      event(body) {
        passes++;
        return redactor.event(body);
      },
    },
  });
  const error = { code: "NODE_FAILED", message: "canary", fix: "canary", stack: "at canary" };
  const bodies: RunEventBody[] = [
    {
      kind: "run.started",
      workflow: "w",
      version: "1.0",
      input: { a: "canary" },
      trigger: ["canary"],
    },
    { kind: "node.retrying", node: "a", attempt: 1, delayMs: 1, error },
    { kind: "node.lost", node: "a", attempt: 1, error },
    {
      kind: "node.succeeded",
      node: "a",
      attempt: 1,
      durationMs: 1,
      output: { canary: ["canary"] },
    },
    { kind: "node.failed", node: "a", attempt: 1, durationMs: 1, error, allowed: false },
    {
      kind: "log",
      node: "a",
      attempt: 1,
      level: "info",
      message: "canary",
      fields: { a: "canary" },
    },
    { kind: "run.failed", durationMs: 1, error },
    { kind: "run.cancelled", durationMs: 1, error },
  ];
  for (const body of bodies) {
    const event = log.append(body);
    assert.ok(event !== undefined);
    assert.ok(!JSON.stringify(event).includes("canary"), body.kind);
    assert.ok(JSON.stringify(event).includes("***"), body.kind);
  }
  log.after(0);
  assert.equal(passes, bodies.length);
});

Deno.test("a log keeps a bounded number of lines and says how many it dropped", () => {
  const log = openLog();
  for (let i = 0; i < MAX_LOG_LINES + 3; i++) log.append(line(`line ${i}`));
  log.append(line("other", "b"));
  log.append(STARTED);
  log.reportDropped();
  const events = log.after(0);
  assert.equal(events.length, MAX_LOG_LINES + 3);
  assert.deepEqual(
    events.slice(-2).map((event) => event.kind === "log" ? [event.node, event.message] : []),
    [["a", "3 further log lines were not kept"], ["b", "1 further log line was not kept"]],
  );
  assert.deepEqual(events.map((event) => event.seq), events.map((_, index) => index + 1));
});

Deno.test("a log keeps a bounded number of bytes of lines", () => {
  const log = openLog();
  const long = "x".repeat(MAX_LOG_BYTES / 8);
  for (let i = 0; i < 10; i++) log.append(line(long));
  assert.equal(log.after(0).length, 3);
  assert.ok(log.sizeBytes < MAX_LOG_BYTES * 1.1);
});

Deno.test("a closed log takes no more events", () => {
  const log = openLog();
  log.close();
  assert.equal(log.append(STARTED), undefined);
  assert.deepEqual(log.after(0), []);
});
