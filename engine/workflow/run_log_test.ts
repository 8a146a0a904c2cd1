import assert from "node:assert/strict";
import type { RunEvent } from "../executor/mod.ts";
import { RunLog } from "./run_log.ts";

function skipped(seq: number): RunEvent {
  return { runId: "run-1", seq, at: 1000, kind: "node.skipped", node: "a" };
}

async function collect(events: AsyncIterable<RunEvent>): Promise<number[]> {
  const numbers: number[] = [];
  for await (const event of events) numbers.push(event.seq);
  return numbers;
}

Deno.test("a log gives events behind a number, as many as asked for", () => {
  const log = new RunLog([skipped(1)]);
  log.push([skipped(2), skipped(3)]);
  assert.deepEqual(log.after(0).map((event) => event.seq), [1, 2, 3]);
  assert.deepEqual(log.after(1).map((event) => event.seq), [2, 3]);
  assert.deepEqual(log.after(0, 1).map((event) => event.seq), [1]);
  assert.deepEqual(log.after(7), []);
});

Deno.test("a log replays, follows in order, and ends when it is closed", async () => {
  const log = new RunLog();
  log.push([skipped(1)]);
  const all = collect(log.follow(0));
  const later = collect(log.follow(1));
  await Promise.resolve();
  log.push([skipped(2)]);
  log.push([skipped(3)]);
  log.close();
  assert.deepEqual(await all, [1, 2, 3]);
  assert.deepEqual(await later, [2, 3]);
  assert.deepEqual(await collect(log.follow(2)), [3]);
});

Deno.test("an abort ends whoever follows, and leaves nothing behind", async () => {
  const log = new RunLog();
  const abort = new AbortController();
  const followed = collect(log.follow(0, abort.signal));
  log.push([skipped(1)]);
  abort.abort();
  await followed;
  await log.changed(100, abort.signal);
});
