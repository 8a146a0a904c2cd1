import assert from "node:assert/strict";
import { FakeClock } from "../clock/mod.ts";
import { DEFAULT_CONFIG, type QueueConfig } from "../spec/mod.ts";
import { play } from "./_play.ts";
import { type Moves, RunQueue } from "./mod.ts";

function config(parts: Partial<QueueConfig>): QueueConfig {
  return { ...DEFAULT_CONFIG.queue, ...parts };
}

interface Case {
  readonly name: string;
  readonly config: Partial<QueueConfig>;
  /** `a` arrives, `a:p` in partition p, `-a` ends, `xa` is cancelled, `+5` seconds pass. */
  readonly steps: string;
}

const CASES: readonly Case[] = [
  { name: "without concurrency nothing waits", config: {}, steps: "a b c -b d" },
  {
    name: "append is first in, first out",
    config: { concurrency: 1 },
    steps: "a b c -a -b -c d",
  },
  {
    name: "append refuses when the queue is full, and takes again when a place is free",
    config: { concurrency: 1, limit: 2 },
    steps: "a b c d -a e -b",
  },
  { name: "two at once", config: { concurrency: 2, limit: 1 }, steps: "a b c d -b e -a -c" },
  {
    name: "queue_limit: 0 refuses only while busy",
    config: { concurrency: 1, limit: 0 },
    steps: "a b -a c",
  },
  {
    name: "a run that is cancelled while it waits frees its place at once",
    config: { concurrency: 1, limit: 1 },
    steps: "a b xb c -a",
  },
  {
    name: "a run that is cancelled while it goes on holds its place until it has ended",
    config: { concurrency: 1 },
    steps: "a b xa -a",
  },
  {
    name: "replace fills the queue, then the last that waits gives way",
    config: { concurrency: 1, strategy: "replace", limit: 2 },
    steps: "a b c d e -a -b",
  },
  {
    name: "replace without a limit appends",
    config: { concurrency: 1, strategy: "replace" },
    steps: "a b c -a",
  },
  {
    name: "replace without a queue refuses while busy",
    config: { concurrency: 1, strategy: "replace", limit: 0 },
    steps: "a b -a c",
  },
  {
    name: "replace with interrupt also cancels the one that runs",
    config: { concurrency: 1, strategy: "replace", limit: 1, interrupt: true },
    steps: "a b c -a d -c",
  },
  {
    name: "replace with interrupt and without a queue: the newest takes over",
    config: { concurrency: 1, strategy: "replace", limit: 0, interrupt: true },
    steps: "a b c -a -c d",
  },
  {
    name: "interrupt cancels the oldest, one for each that waits",
    config: { concurrency: 2, strategy: "replace", limit: 2, interrupt: true },
    steps: "a b c d e -a -b",
  },
  {
    name: "partitioned_replace replaces within the partition, at the tail",
    config: { concurrency: 1, strategy: "partitioned_replace", partitionLimit: 1 },
    steps: "a:x b:x c:y d:x -a -c -d",
  },
  {
    name: "partitioned_replace with two per partition",
    config: { concurrency: 1, strategy: "partitioned_replace", partitionLimit: 2 },
    steps: "a:x b:x c:x d:y e:x f:y g:y -a -b -d",
  },
  {
    name: "partitioned_replace with interrupt cancels what runs of the same partition",
    config: { concurrency: 2, strategy: "partitioned_replace", interrupt: true },
    steps: "a:x b:y c:z d:y -b e:z -a",
  },
  {
    name: "start_delay lets every run wait first",
    config: { concurrency: 1, startDelayMs: 10_000 },
    steps: "a +5 b +5 -a +5",
  },
  {
    name: "replace with start_delay waits until it is quiet",
    config: { concurrency: 1, strategy: "replace", limit: 1, startDelayMs: 10_000 },
    steps: "a +5 b +5 c +9 +1 -c",
  },
  {
    name: "start_delay without a queue takes as many as there are places",
    config: { concurrency: 2, limit: 0, startDelayMs: 10_000 },
    steps: "a b c +10 d -a d",
  },
  {
    name: "start_delay with interrupt cancels when the delay is over",
    config: {
      concurrency: 1,
      strategy: "replace",
      limit: 1,
      interrupt: true,
      startDelayMs: 10_000,
    },
    steps: "a +10 b +5 +5 -a",
  },
];

for (const { name, config: parts, steps } of CASES) {
  Deno.test(`RunQueue: ${name}`, async (t) => {
    const table = await play(config(parts), steps);
    await t.assertSnapshot(table, { serializer: (text) => text });
  });
}

const NOTHING: Moves = { start: [], cancel: [] };

function offered(queue: RunQueue, runId: string, partition = ""): string {
  const { decision } = queue.offer({ runId, partition, createdAt: 0 });
  return decision;
}

Deno.test("between offer and accept a run has its place, and nobody gives way for it", () => {
  const queue = new RunQueue(
    config({ concurrency: 1, limit: 1, strategy: "replace" }),
    new FakeClock(),
  );
  assert.equal(offered(queue, "a"), "start");
  assert.equal(offered(queue, "b"), "queue");
  assert.deepEqual(queue.accept("b"), NOTHING);
  assert.equal(offered(queue, "c"), "queue");
  assert.equal(queue.position("b"), 1);
  assert.deepEqual(queue.withdraw("c"), NOTHING);
  assert.deepEqual(queue.ended("a"), { start: ["b"], cancel: [] });
  assert.deepEqual(queue.stats, { running: 1, waiting: 0, delayed: 0 });
});

Deno.test("a run that is withdrawn leaves its place to the next", () => {
  const queue = new RunQueue(config({ concurrency: 1, limit: 1 }), new FakeClock());
  assert.equal(offered(queue, "a"), "start");
  assert.equal(offered(queue, "b"), "queue");
  assert.equal(offered(queue, "c"), "refuse");
  queue.withdraw("b");
  assert.equal(offered(queue, "d"), "queue");
  queue.accept("d");
  assert.deepEqual(queue.withdraw("a"), { start: ["d"], cancel: [] });
});

Deno.test("a place that becomes free goes to the run that was offered before, not to a newer one", () => {
  const queue = new RunQueue(config({ concurrency: 1 }), new FakeClock());
  offered(queue, "a");
  offered(queue, "b");
  queue.ended("a");
  assert.equal(offered(queue, "c"), "queue");
  assert.deepEqual(queue.accept("b").start, ["b"]);
  assert.deepEqual(queue.accept("c").start, []);
});

Deno.test("a delayed run does not hold up a later one that is ready", () => {
  const clock = new FakeClock();
  const queue = new RunQueue(config({ concurrency: 1, startDelayMs: 60_000 }), clock);
  offered(queue, "late");
  queue.accept("late");
  queue.configure(config({ concurrency: 1 }));
  assert.equal(queue.nextDueAt, 60_000);
  assert.equal(offered(queue, "ready"), "start");
  assert.equal(queue.nextDueAt, undefined);
  assert.equal(queue.position("late"), 1);
  assert.deepEqual(queue.stats, { running: 1, waiting: 1, delayed: 1 });
});

Deno.test("restore() takes up every run, over the limits too, and starts what has room", () => {
  const clock = new FakeClock(1_000);
  const queue = new RunQueue(config({ concurrency: 2, limit: 1 }), clock);
  const waiting = ["b", "c", "d"].map((runId, index) => ({
    runId,
    partition: "",
    createdAt: 0,
    startAfter: index === 0 ? 5_000 : undefined,
  }));
  const moves = queue.restore({ running: [{ runId: "a", partition: "" }], waiting });
  assert.deepEqual(moves, { start: ["c"], cancel: [] });
  assert.equal(offered(queue, "e"), "refuse");
  assert.deepEqual(["a", "b", "c", "d"].map((id) => queue.position(id)), [
    undefined,
    1,
    undefined,
    2,
  ]);
  queue.ended("a");
  assert.equal(queue.nextDueAt, undefined);
  queue.ended("c");
  assert.equal(queue.nextDueAt, 5_000);
});

Deno.test("configure() starts more with a larger concurrency, and ends nothing with a smaller one", () => {
  const queue = new RunQueue(config({ concurrency: 1 }), new FakeClock());
  for (const id of ["a", "b", "c", "d"]) {
    offered(queue, id);
    queue.accept(id);
  }
  assert.deepEqual(queue.configure(config({ concurrency: 3 })), { start: ["b", "c"], cancel: [] });
  assert.deepEqual(queue.configure(config({ concurrency: 1 })), NOTHING);
  assert.deepEqual(queue.ended("a"), NOTHING);
  assert.deepEqual(queue.ended("b"), NOTHING);
  assert.deepEqual(queue.ended("c"), { start: ["d"], cancel: [] });
});

Deno.test("what is unknown or over changes nothing", () => {
  const queue = new RunQueue(config({ concurrency: 1 }), new FakeClock());
  offered(queue, "a");
  assert.deepEqual(queue.ended("nobody"), NOTHING);
  assert.deepEqual(queue.accept("nobody"), NOTHING);
  assert.deepEqual(queue.withdraw("nobody"), NOTHING);
  queue.cancelled("nobody");
  queue.ended("a");
  assert.deepEqual(queue.ended("a"), NOTHING);
  assert.deepEqual(queue.stats, { running: 0, waiting: 0, delayed: 0 });
});

Deno.test("10 000 runs that waited are taken up and worked off in no time", () => {
  const queue = new RunQueue(config({ concurrency: 4 }), new FakeClock());
  const waiting = Array.from({ length: 10_000 }, (_, index) => ({
    runId: `run-${index}`,
    partition: "",
    createdAt: 0,
    startAfter: undefined,
  }));
  const begun = performance.now();
  const going = [...queue.restore({ running: [], waiting }).start];
  for (let id = going.shift(); id !== undefined; id = going.shift()) {
    going.push(...queue.ended(id).start);
  }
  assert.equal(queue.stats.waiting, 0);
  assert.ok(performance.now() - begun < 1_000);
});
