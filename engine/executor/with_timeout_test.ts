import assert from "node:assert/strict";
import { sampleNode } from "../compiler/mod.ts";
import type { NodeSpec } from "../spec/mod.ts";
import { after, brief, gives, hangs, play } from "./_play.ts";

function quick(id: string, maxAttempts = 1): NodeSpec {
  const { retry } = sampleNode(id);
  return sampleNode(id, { timeoutMs: 500, retry: { ...retry, maxAttempts, jitter: false } });
}

const MESSAGE = 'Cannot finish node "x" as its timeout is 500ms: it was stopped';

Deno.test("a node that obeys its signal fails with NODE_TIMEOUT at its timeout", async () => {
  const { clock, calls, events, result } = play({
    nodes: [quick("x")],
    acts: { x: after(10_000, gives(1)) },
  });
  await clock.advance(499);
  assert.equal(calls[0]?.signal.aborted, false);
  await clock.advance(1);
  const { status, errors, timing } = await result;
  assert.equal(status, "failed");
  assert.deepEqual(errors, { x: `NODE_TIMEOUT: ${MESSAGE}` });
  assert.equal(timing.durationMs, 500);
  assert.equal(calls[0]?.signal.reason.code, "NODE_TIMEOUT");
  const failed = events.find((event) => event.kind === "node.failed");
  assert.deepEqual(failed?.error, {
    code: "NODE_TIMEOUT",
    message: MESSAGE,
    fix: "Set nodes.x.timeout in workflow.yaml to more than that, or make the node faster",
  });
  assert.equal(clock.pending, 0, "a timer is left");
});

Deno.test("a node that ignores its signal is abandoned half a second after its timeout", async () => {
  const { clock, result } = play({ nodes: [quick("x")], acts: { x: hangs() } });
  await clock.advance(1_000);
  const { errors, timing } = await result;
  assert.deepEqual(errors, { x: `NODE_TIMEOUT: ${MESSAGE}` });
  assert.equal(timing.durationMs, 1_000);
  assert.equal(clock.pending, 0, "a timer is left");
});

Deno.test("the timeout counts from when the node's code begins", async () => {
  const { clock, calls, result } = play({
    nodes: [quick("x")],
    acts: {
      x: (call, clock) =>
        new Promise((resolve) => {
          // A minute in line for a host, then 400 ms of work.
          clock.after(60_000, () => {
            call.onBegin();
            call.onBegin();
            clock.after(400, () => resolve({ status: "succeeded", output: "in time" }));
          });
        }),
    },
  });
  await clock.advance(60_400);
  assert.deepEqual((await result).outputs, { x: "in time" });
  assert.equal(calls[0]?.signal.aborted, false);
});

for (
  const late of [
    { status: "succeeded", output: 1 },
    { status: "lost", error: { code: "NODE_LOST", message: "killed" } },
    {
      status: "failed",
      error: { code: "NODE_FAILED", message: "aborted" },
      retry: { kind: "never" },
    },
  ] as const
) {
  Deno.test(`an attempt that ${late.status} after its timeout has timed out`, async () => {
    const { clock, result } = play({
      nodes: [quick("x")],
      acts: {
        x: async (call) => {
          call.onBegin();
          await new Promise((resolve) => call.signal.addEventListener("abort", resolve));
          return late;
        },
      },
    });
    await clock.advance(500);
    assert.deepEqual((await result).errors, { x: `NODE_TIMEOUT: ${MESSAGE}` });
  });
}

Deno.test("each attempt has the whole timeout, and a timeout is retried by the policy", async () => {
  const { clock, events, result } = play({
    nodes: [quick("x", 2)],
    acts: { x: [after(10_000, gives(1)), after(499, gives("second"))] },
  });
  await clock.advance(500 + 100 + 499);
  assert.deepEqual((await result).outputs, { x: "second" });
  assert.deepEqual(brief(events).slice(1, 4), [
    "node.started x#1",
    "node.retrying x#1 in 100 NODE_TIMEOUT",
    "node.started x#2",
  ]);
});

Deno.test("a cancelled node does not time out besides", async () => {
  const { clock, events, result, cancel } = play({ nodes: [quick("x")], acts: { x: hangs() } });
  await clock.advance(400);
  cancel();
  await clock.advance(500);
  assert.equal((await result).status, "cancelled");
  assert.equal(brief(events).at(-2), "node.cancelled x#1");
});
