import assert from "node:assert/strict";
import { FakeClock } from "../clock/mod.ts";
import { CodedError } from "../errors/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import { hanging } from "./_hanging_node.ts";
import { openEngines } from "./_test_engines.ts";
import { type TestNode, untilStopped } from "./_test_workflow.ts";

Deno.test("the same key is the same run: at once, later, and in another engine", async () => {
  await using engines = await openEngines();
  const a = await engines.start({ nodes: { only: ({ run }) => run.id } });
  const idempotency = { scope: "http", key: "k", ttlMs: 1_000_000, fingerprint: "f" };
  const all = await Promise.all(
    Array.from({ length: 20 }, () => a.workflow.accept({}, { idempotency })),
  );
  assert.equal(new Set(all.map(({ run }) => run.id)).size, 1);
  assert.equal(all.filter(({ isNew }) => isNew).length, 1);
  const [first] = all;
  await first?.run.result;
  const b = await engines.start();
  for (const { workflow } of [a, b]) {
    const again = await workflow.accept({}, { idempotency });
    assert.deepEqual([again.isNew, again.run.id], [false, first?.run.id]);
    assert.deepEqual((await again.run.result).outputs, { only: first?.run.id });
    const other = { ...idempotency, fingerprint: "g" };
    await assert.rejects(workflow.accept({}, { idempotency: other }), {
      code: "IDEMPOTENCY_CONFLICT",
    });
  }
  assert.equal((await b.workflow.runs()).length, 1);
});

Deno.test("a repetition is answered with its run where a new one would be refused", async () => {
  await using engines = await openEngines();
  const gate = Promise.withResolvers<void>();
  const queue = { concurrency: 1, limit: 0 };
  const idempotency = { scope: "http", key: "k", ttlMs: 1_000_000, fingerprint: "f" };
  const a = await engines.start({ queue, nodes: { node: () => gate.promise } });
  // The first one fills the queue while it is on its way to the storage.
  const all = await Promise.all(
    Array.from({ length: 5 }, () => a.workflow.accept({}, { idempotency })),
  );
  const runId = all[0]?.run.id;
  assert.deepEqual(all.map(({ isNew, run }) => [isNew, run.id]), [
    [true, runId],
    ...Array(4).fill([false, runId]),
  ]);
  // Another engine is busy with a run of its own, and never heard of the key.
  const b = await engines.start({ queue, nodes: { node: () => gate.promise } });
  const own = await b.workflow.start();
  const full = () => {
    throw new CodedError("QUEUE_FULL", "as many go on as may");
  };
  for (const options of [{ idempotency }, { idempotency, admit: full }]) {
    const again = await b.workflow.accept({}, options);
    assert.deepEqual([again.isNew, again.run.id], [false, runId]);
  }
  for (const engine of [a, b]) {
    const other = { ...idempotency, fingerprint: "g" };
    await assert.rejects(engine.workflow.accept({}, { idempotency: other }), {
      code: "IDEMPOTENCY_CONFLICT",
    });
    const fresh = { ...idempotency, key: "fresh" };
    await assert.rejects(engine.workflow.accept({}, { idempotency: fresh }), {
      code: "QUEUE_FULL",
    });
  }
  gate.resolve();
  for (const run of [all[0]?.run, own]) assert.equal((await run?.result)?.status, "succeeded");
});

Deno.test("a key whose first request came to nothing is free for those that waited", async () => {
  await using engines = await openEngines();
  const a = await engines.start();
  let refusals = 1;
  const admit = () => {
    if (refusals-- > 0) throw new CodedError("QUEUE_FULL", "as many go on as may");
  };
  const idempotency = { scope: "http", key: "k", ttlMs: 1_000_000 };
  const [first, ...others] = await Promise.allSettled(
    Array.from({ length: 4 }, () => a.workflow.accept({}, { idempotency, admit })),
  );
  assert.equal(first?.status, "rejected");
  const ids = others.map((one) => one.status === "fulfilled" ? one.value.run.id : assert.fail());
  assert.equal(new Set(ids).size, 1);
  assert.equal((await a.workflow.runs()).length, 1);
});

Deno.test("a key whose run was deleted is gone, and starts no second run", async () => {
  await using engines = await openEngines();
  const a = await engines.start();
  const idempotency = { scope: "http", key: "k", ttlMs: 1_000_000 };
  const run = await a.workflow.start({}, { idempotency });
  await run.result;
  await engines.storage.deleteRun(run.id);
  await assert.rejects(a.workflow.start({}, { idempotency }), { code: "RUN_GONE" });
});

Deno.test("runs wait for their turn, in order, also over a restart", async () => {
  await using engines = await openEngines();
  const stuck = hanging();
  const queue = { concurrency: 1, limit: 2 };
  const a = await engines.start({ queue, nodes: { node: stuck.node } });
  const runs = [
    await a.workflow.start({ n: 0 }),
    await a.workflow.start({ n: 1 }),
    await a.workflow.start({ n: 2 }),
  ];
  await stuck.begun;
  assert.deepEqual(runs.map(({ status }) => status), ["running", "queued", "queued"]);
  assert.deepEqual([a.workflow.activeRuns, a.workflow.stats().queuedRuns], [1, 2]);
  await assert.rejects(a.workflow.start(), { code: "QUEUE_FULL" });
  await runs[1]?.changed(0);
  assert.equal((await runs[1]?.eventsSoFar())?.[0]?.kind, "run.queued");
  a.kill();

  const order: JsonValue[] = [];
  const b = await engines.start({ queue, nodes: { node: ({ input }) => void order.push(input) } });
  const resumed = await b.workflow.resume();
  await Promise.all(resumed.map(({ result }) => result));
  assert.deepEqual(order, [{ n: 0 }, { n: 1 }, { n: 2 }]);
});

Deno.test("a run that is cancelled while it waits frees its place and never begins", async () => {
  await using engines = await openEngines();
  const gate = Promise.withResolvers<void>();
  const a = await engines.start({
    queue: { concurrency: 1, limit: 1 },
    nodes: { node: () => gate.promise },
  });
  const first = await a.workflow.start();
  const second = await a.workflow.start();
  second.cancel();
  // At once: its end is not stored yet.
  const third = await a.workflow.start();
  assert.equal((await second.result).status, "cancelled");
  assert.deepEqual((await second.eventsSoFar()).map(({ kind }) => kind), [
    "run.queued",
    "run.cancelled",
  ]);
  gate.resolve();
  assert.deepEqual([(await first.result).status, (await third.result).status], [
    "succeeded",
    "succeeded",
  ]);
});

Deno.test("a newer run takes the place of one that waits, and of one that goes on", async () => {
  await using engines = await openEngines();
  const a = await engines.start({
    queue: { concurrency: 1, limit: 1, strategy: "replace", interrupt: true },
    nodes: {
      node: (call) => (call.input as { last?: boolean }).last ? "done" : untilStopped(call),
    },
  });
  const runs = [await a.workflow.start()];
  for (let i = 0; i < 3; i++) runs.push(await a.workflow.start());
  runs.push(await a.workflow.start({ last: true }));
  const statuses = await Promise.all(runs.map(async ({ result }) => (await result).status));
  assert.deepEqual(statuses, ["cancelled", "cancelled", "cancelled", "cancelled", "succeeded"]);
});

Deno.test("start_delay holds a run back until its time has come", async () => {
  const clock = new FakeClock(1_000_000);
  await using engines = await openEngines(clock);
  const a = await engines.start({ queue: { startDelayMs: 5_000 } });
  const run = await a.workflow.start();
  await clock.advance(4_999);
  assert.equal(run.status, "queued");
  await clock.advance(2);
  assert.equal((await run.result).status, "succeeded");
});

Deno.test("retry() runs again from a node, with what came before it", async () => {
  await using engines = await openEngines();
  const calls: string[] = [];
  let isBroken = true;
  const node: TestNode = ({ node: { id }, input }) => {
    calls.push(id);
    if (id === "second" && isBroken) throw new Error("broken");
    return `${id}(${JSON.stringify(input)})`;
  };
  const a = await engines.start({ nodes: { first: node, second: node, third: node } });
  const failed = await a.workflow.start({ n: 1 });
  assert.equal((await failed.result).status, "failed");
  isBroken = false;
  calls.length = 0;
  const retried = await a.workflow.retry(failed.id, { from: "second" });
  const { status, outputs } = await retried.result;
  assert.equal(status, "succeeded");
  assert.deepEqual(calls, ["second", "third"]);
  assert.equal(outputs["first"], 'first({"n":1})');
  const kept = await a.workflow.run(retried.id);
  assert.deepEqual((await kept?.result)?.outputs, outputs);
  assert.deepEqual(kept?.summary.trigger, { type: "retry", of: failed.id, from: "second" });

  calls.length = 0;
  await (await a.workflow.retry(failed.id)).result;
  assert.deepEqual(calls, ["first", "second", "third"]);
  await assert.rejects(a.workflow.retry(failed.id, { from: "secnd" }), {
    code: "TARGET_NOT_FOUND",
    fix: /second/,
  });
  await assert.rejects(a.workflow.retry("unknown"), { code: "RUN_NOT_FOUND" });
});

Deno.test("a partition of the caller's own counts in place of the queue's key", async () => {
  await using engines = await openEngines();
  const gate = Promise.withResolvers<void>();
  const { workflow } = await engines.start({
    queue: { concurrency: 1, strategy: "partitioned_replace", partitionLimit: 1, key: "customer" },
    nodes: { node: () => gate.promise },
  });
  await workflow.start();
  const input = { customer: "from the input" };
  const replaced = await workflow.start(input, { partition: "a" });
  const other = await workflow.start(input, { partition: "b" });
  const newest = await workflow.start(input, { partition: "a" });
  assert.equal((await replaced.result).status, "cancelled");
  const stored = await Promise.all(
    [other, newest].map(async ({ id }) => (await engines.storage.getRun(id))?.partition),
  );
  assert.deepEqual(stored, ["b", "a"]);
  gate.resolve();
  await Promise.all([other.result, newest.result]);
});
