import assert from "node:assert/strict";
import type { RetryPolicy } from "../spec/mod.ts";
import { brief, fails, gives, play, retrying } from "./_play.ts";
import type { RetryAdvice } from "./mod.ts";

const WAITS: readonly {
  name: string;
  policy: Partial<RetryPolicy>;
  random?: number;
  advice?: RetryAdvice;
  want: number[];
}[] = [
  { name: "grow by the factor", policy: {}, want: [100, 200, 400, 800] },
  {
    name: "stop growing at max_interval",
    policy: { maxIntervalMs: 250 },
    want: [100, 200, 250, 250],
  },
  {
    name: "stay even with a factor of 1",
    policy: { backoff: 1, initialIntervalMs: 40 },
    want: [40, 40, 40, 40],
  },
  {
    name: "are drawn between 0 and their length with jitter",
    policy: { jitter: true },
    random: 0.25,
    want: [25, 50, 100, 200],
  },
  { name: "may be drawn as 0", policy: { jitter: true }, random: 0, want: [0, 0, 0, 0] },
  { name: "are 0 with an interval of 0", policy: { initialIntervalMs: 0 }, want: [0, 0, 0, 0] },
  {
    name: "follow what the error asks for, whatever the policy says",
    policy: { maxIntervalMs: 10 },
    advice: { kind: "after", delayMs: 7_000 },
    want: [7_000, 7_000, 7_000, 7_000],
  },
  {
    name: "follow the error up to an hour",
    policy: {},
    advice: { kind: "after", delayMs: 86_400_000 },
    want: [3_600_000, 3_600_000, 3_600_000, 3_600_000],
  },
  {
    name: "are not negative",
    policy: {},
    advice: { kind: "after", delayMs: -5 },
    want: [0, 0, 0, 0],
  },
];

for (const { name, policy, random, advice, want } of WAITS) {
  Deno.test(`retry waits ${name}`, async () => {
    const { clock, events, result } = play({
      nodes: [retrying("a", policy)],
      acts: { a: fails("NODE_FAILED", advice ?? { kind: "policy" }) },
      random: () => random ?? 0.5,
    });
    await clock.advance(0);
    for (const waitMs of want.filter((waitMs) => waitMs > 0)) {
      const before = events.length;
      await clock.advance(waitMs - 1);
      assert.equal(events.length, before, "tried too early");
      await clock.advance(1);
    }
    await result;
    assert.deepEqual(
      events.filter((event) => event.kind === "node.retrying").map(({ delayMs }) => delayMs),
      want,
    );
    assert.equal(clock.now(), 1_000 + want.reduce((sum, waitMs) => sum + waitMs, 0));
  });
}

Deno.test("a retry that succeeds ends the retries, and earlier failures leave no error", async () => {
  const { clock, events, result } = play({
    nodes: [retrying("a")],
    acts: { a: [fails(), fails("NODE_TIMEOUT"), gives("third time")] },
  });
  await clock.advance(300);
  const { success, outputs, errors, timing } = await result;
  assert.deepEqual({ success, outputs, errors }, {
    success: true,
    outputs: { a: "third time" },
    errors: {},
  });
  assert.deepEqual(brief(events), [
    "run.started",
    "node.started a#1",
    "node.retrying a#1 in 100 NODE_FAILED",
    "node.started a#2",
    "node.retrying a#2 in 200 NODE_TIMEOUT",
    "node.started a#3",
    "node.succeeded a#3",
    "run.succeeded",
  ]);
  assert.deepEqual(timing.nodeTimings["a"], {
    startedAt: 1_000,
    completedAt: 1_300,
    durationMs: 300,
    attempts: 3,
  });
});

Deno.test("the last attempt's error is the node's when none is left", async () => {
  const { clock, result } = play({
    nodes: [retrying("a", { maxAttempts: 2 })],
    acts: { a: [fails("NODE_EXIT"), fails("NODE_MEMORY")] },
  });
  await clock.advance(100);
  assert.deepEqual((await result).errors, { a: "NODE_MEMORY: a broke" });
});

Deno.test("TerminalError stops at once, whatever the policy says", async () => {
  const { calls, events, result } = play({
    nodes: [retrying("a")],
    acts: { a: fails("NODE_TERMINAL", { kind: "never" }) },
  });
  assert.equal((await result).status, "failed");
  assert.equal(calls.length, 1);
  assert.deepEqual(brief(events).at(-1), "run.failed NODE_TERMINAL");
});

Deno.test("Retry-After does not grant an attempt beyond max_attempts", async () => {
  const { calls, result } = play({
    nodes: [retrying("a", { maxAttempts: 1 })],
    acts: { a: fails("NODE_RETRYABLE", { kind: "after", delayMs: 1 }) },
  });
  assert.equal((await result).status, "failed");
  assert.equal(calls.length, 1);
});
