import assert from "node:assert/strict";
import { CodedError } from "../errors/mod.ts";
import { after, brief, fails, gives, hangs, play, retrying } from "./_play.ts";

for (const kind of ["staged", "eager"] as const) {
  Deno.test(`${kind} executor cancels while a node runs`, async () => {
    const { clock, events, result, cancel } = play({
      kind,
      nodes: ["a", "b"],
      edges: ["a -> b"],
      acts: { a: after(50, gives(1)) },
    });
    await clock.advance(10);
    cancel();
    const { success, status, errors } = await result;
    assert.deepEqual({ success, status }, { success: false, status: "cancelled" });
    assert.deepEqual(Object.keys(errors), ["a"]);
    assert.match(errors["a"] ?? "", /^RUN_CANCELLED: Cannot finish run "run-1"/);
    assert.deepEqual(brief(events).slice(2), [
      "node.cancelled a#1",
      "node.skipped b",
      "run.cancelled RUN_CANCELLED",
    ]);
    assert.equal(clock.pending, 0, "a timer is left");
  });

  Deno.test(`${kind} executor cancels while a node waits for its retry`, async () => {
    const { clock, events, result, cancel } = play({
      kind,
      nodes: [retrying("a", { initialIntervalMs: 60_000, maxIntervalMs: 60_000 })],
      acts: { a: fails() },
    });
    await clock.advance(10);
    cancel();
    assert.equal((await result).status, "cancelled");
    assert.deepEqual(brief(events).slice(-3), [
      "node.retrying a#1 in 60000 NODE_FAILED",
      "node.cancelled a#1",
      "run.cancelled RUN_CANCELLED",
    ]);
    assert.equal(clock.pending, 0, "a timer is left");
  });

  Deno.test(`${kind} executor cancels before anything starts`, async () => {
    const { calls, events, result } = play({
      kind,
      nodes: ["a", "b"],
      signal: AbortSignal.abort(),
    });
    assert.equal((await result).status, "cancelled");
    assert.deepEqual(calls, []);
    assert.deepEqual(brief(events), [
      "run.started",
      "node.skipped a",
      "node.skipped b",
      "run.cancelled RUN_CANCELLED",
    ]);
  });

  Deno.test(`${kind} executor cancels while an event is being recorded`, async () => {
    const recording = Promise.withResolvers<void>();
    const { clock, calls, events, result, cancel } = play({
      kind,
      nodes: ["a"],
      recorded: (event) => event.kind === "node.started" ? recording.promise : undefined,
    });
    await clock.advance(0);
    cancel();
    recording.resolve();
    assert.equal((await result).status, "cancelled");
    assert.deepEqual(calls, []);
    assert.deepEqual(brief(events).slice(1), [
      "node.started a#1",
      "node.cancelled a#1",
      "run.cancelled RUN_CANCELLED",
    ]);
  });

  Deno.test(`${kind} executor gives the reason of a cancel as the run's error`, async () => {
    const { clock, events, result, cancel } = play({
      kind,
      nodes: ["a"],
      acts: { a: after(50, gives(1)) },
    });
    await clock.advance(1);
    const message = 'Cannot finish run "run-1" as its timeout is 1s: it was stopped';
    cancel(new CodedError("RUN_TIMEOUT", message, { fix: "pd run . --timeout 5s" }));
    const { status, errors } = await result;
    assert.equal(status, "cancelled");
    assert.deepEqual(errors, { a: `RUN_TIMEOUT: ${message}` });
    assert.deepEqual(events.at(-1), {
      kind: "run.cancelled",
      durationMs: 1,
      error: { code: "RUN_TIMEOUT", message, fix: "pd run . --timeout 5s" },
    });
  });

  Deno.test(`${kind} executor counts work that got done after the stop as done`, async () => {
    const { clock, events, result, cancel } = play({
      kind,
      nodes: ["a"],
      acts: {
        a: async (call) => {
          call.onBegin();
          await new Promise((resolve) => call.signal.addEventListener("abort", resolve));
          return { status: "succeeded", output: "done" };
        },
      },
    });
    await clock.advance(1);
    cancel();
    const { status, outputs } = await result;
    assert.deepEqual({ status, outputs }, { status: "cancelled", outputs: { a: "done" } });
    assert.equal(events.at(-2)?.kind, "node.succeeded");
  });

  Deno.test(`${kind} executor abandons a cancelled node that never answers`, async () => {
    const { clock, events, result, cancel } = play({ kind, nodes: ["a"], acts: { a: hangs() } });
    await clock.advance(1);
    cancel();
    await clock.advance(500);
    assert.equal((await result).status, "cancelled");
    assert.deepEqual(brief(events).at(-2), "node.cancelled a#1");
    assert.equal(clock.now(), 1_501);
    assert.equal(clock.pending, 0, "a timer is left");
  });
}

Deno.test("a node that was stopped while nothing stopped the run has failed", async () => {
  const { result } = play({ nodes: ["a"], acts: { a: () => ({ status: "cancelled" }) } });
  const { status, errors } = await result;
  assert.equal(status, "failed");
  assert.match(errors["a"] ?? "", /^NODE_CANCELLED: Cannot finish node "a"/);
});

Deno.test("what an abandoned attempt says or gives later is ignored", async () => {
  const answer = Promise.withResolvers<void>();
  const { clock, calls, events, result, cancel } = play({
    nodes: ["a"],
    acts: {
      a: async (call) => {
        call.onBegin();
        await answer.promise;
        throw new Error("too late");
      },
    },
  });
  await clock.advance(1);
  cancel();
  await clock.advance(500);
  const { outputs } = await result;
  const told = events.length;
  calls[0]?.onLog({ level: "info", message: "still here" });
  calls[0]?.onBegin();
  answer.resolve();
  await clock.advance(60_000);
  assert.equal(events.length, told);
  assert.deepEqual(outputs, {});
});

Deno.test("log lines of a running attempt become events of that attempt", async () => {
  const { events, result } = play({
    nodes: ["a"],
    acts: {
      a: (call) => {
        call.onLog({ level: "warn", message: "careful", fields: { n: 1 } });
        return { status: "succeeded", output: null };
      },
    },
  });
  await result;
  assert.deepEqual(events[2], {
    kind: "log",
    node: "a",
    attempt: 1,
    level: "warn",
    message: "careful",
    fields: { n: 1 },
  });
});
