import assert from "node:assert/strict";
import { FakeClock } from "../clock/mod.ts";
import { CodedError } from "../errors/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import { StorageError } from "../storage/mod.ts";
import { openEngines } from "./_test_engines.ts";
import { testGeneration, type TestNode, untilStopped } from "./_test_workflow.ts";

const UNAVAILABLE = new StorageError("STORAGE_UNAVAILABLE", "Cannot write: the disk is full");

/** A node that says when it has begun, and then waits for ever. */
function hanging(): { readonly node: TestNode; readonly begun: Promise<void> } {
  const begun = Promise.withResolvers<void>();
  return {
    begun: begun.promise,
    node: (call) => {
      begun.resolve();
      return untilStopped(call);
    },
  };
}

Deno.test("a run whose engine was killed goes on in the next one, and nothing runs twice that was done", async () => {
  await using engines = await openEngines();
  const stuck = hanging();
  const a = await engines.start({
    nodes: { first: () => ({ n: 1 }), second: stuck.node, third: () => 3 },
  });
  const run = await a.workflow.start({ topic: "deno" });
  await stuck.begun;
  a.kill();

  const calls: JsonValue[] = [];
  const seen: TestNode = ({ node, attempt, input }) => {
    calls.push([node.id, attempt, input]);
    return node.id;
  };
  const b = await engines.start({ nodes: { first: seen, second: seen, third: seen } });
  await b.workflow.recover();
  const resumed = await b.workflow.run(run.id);
  const result = await resumed?.result;
  assert.deepEqual(calls, [["second", 2, { n: 1 }], ["third", 1, "second"]]);
  assert.deepEqual(result?.outputs, { first: { n: 1 }, second: "second", third: "third" });
  const events = await resumed?.eventsSoFar() ?? [];
  assert.deepEqual(events.map(({ kind }) => kind), [
    "run.started",
    "node.started",
    "node.succeeded",
    "node.started",
    "run.resumed",
    "node.lost",
    "node.started",
    "node.succeeded",
    "node.started",
    "node.succeeded",
    "run.succeeded",
  ]);
  assert.deepEqual(events.map(({ seq }) => seq), events.map((_, index) => index + 1));
});

Deno.test("a run that was accepted and never began begins in the next engine", async () => {
  await using engines = await openEngines();
  const a = await engines.start({ nodes: { only: () => assert.fail("it was killed") } });
  const run = await a.workflow.start();
  a.kill();
  const b = await engines.start({ nodes: { only: () => "done" } });
  const [resumed] = await b.workflow.resume(run.id);
  assert.deepEqual((await resumed?.result)?.outputs, { only: "done" });
});

Deno.test("what is over, and what a living engine has, is not taken up", async () => {
  await using engines = await openEngines();
  const stuck = hanging();
  const a = await engines.start({ nodes: { node: ({ input }) => input ?? 1 } });
  await (await a.workflow.start()).result;
  const b = await engines.start({ nodes: { node: stuck.node } });
  await b.workflow.start();
  await stuck.begun;
  const c = await engines.start();
  assert.deepEqual(await c.workflow.resume(), []);
});

Deno.test("a run reads the same from the storage as while it went on", async () => {
  await using engines = await openEngines();
  const a = await engines.start({
    secret: "canary-1234",
    nodes: { first: () => ({ token: "canary-1234" }), second: () => 2 },
  });
  const live = await a.workflow.start({ key: "Bearer canary-1234" });
  const result = await live.result;
  const kept = await a.workflow.run(live.id);
  assert.notEqual(kept, live);
  assert.deepEqual(await kept?.eventsSoFar(), await live.eventsSoFar());
  assert.deepEqual(await Array.fromAsync(kept?.events(2) ?? []), await live.eventsSoFar(2));
  const found = await kept?.result;
  assert.deepEqual({ ...found, timing: 0 }, { ...result, timing: 0 });
  assert.equal(found?.timing.completedAt, result.timing.completedAt);
  assert.deepEqual(Object.keys(found?.timing.nodeTimings ?? {}), ["first", "second"]);
  assert.deepEqual({ ...kept?.summary, durationMs: 0 }, { ...live.summary, durationMs: 0 });
  assert.deepEqual(await a.workflow.runs(), [kept?.summary]);
});

Deno.test("no secret is in the storage, and a run that goes on has them again", async () => {
  await using engines = await openEngines();
  const stuck = hanging();
  const secret = "canary-1234";
  const a = await engines.start({
    secret,
    nodes: { first: ({ input }) => ({ input, auth: btoa(secret) }), second: stuck.node },
  });
  const run = await a.workflow.start({ key: `Bearer ${secret}` }, { trigger: { by: secret } });
  await stuck.begun;
  a.kill();
  const stored = [
    await engines.storage.getRun(run.id),
    await engines.storage.readEvents(run.id, 0),
  ];
  const text = JSON.stringify(stored);
  assert.ok(!text.includes(secret) && !text.includes(btoa(secret)), text);

  const b = await engines.start({
    secret,
    nodes: {
      first: () => assert.fail("it is done"),
      second: ({ input, run }) =>
        [input, run.trigger].length > 1 && JSON.stringify([input, run.trigger]).length,
    },
  });
  const [resumed] = await b.workflow.resume();
  const want = JSON.stringify([
    { input: { key: `Bearer ${secret}` }, auth: btoa(secret) },
    { by: secret },
  ]).length;
  assert.deepEqual((await resumed?.result)?.outputs["second"], want);
});

Deno.test("a node that needs a secret which is gone fails, and says which", async () => {
  await using engines = await openEngines();
  const stuck = hanging();
  const a = await engines.start({
    secret: "canary-1234",
    nodes: { first: () => "canary-1234", second: stuck.node },
  });
  await a.workflow.start();
  await stuck.begun;
  a.kill();
  const b = await engines.start({ nodes: { first: () => 1, second: () => 2 } });
  const [resumed] = await b.workflow.resume();
  const { status, errors } = await resumed?.result ?? assert.fail();
  assert.equal(status, "failed");
  assert.match(errors["second"] ?? "", /^SECRET_GONE: .*output of node "first".*test\.key/);
});

Deno.test("a run keeps the workflow that it began with, over the files of today", async () => {
  await using engines = await openEngines();
  const stuck = hanging();
  const a = await engines.start({ nodes: { first: () => 1, second: stuck.node } });
  await a.workflow.start();
  await stuck.begun;
  a.kill();
  const old = testGeneration({
    nodes: { first: () => 1, second: ({ input }) => [input, "old graph"] },
  });
  const b = await engines.start({
    nodes: { other: () => "new graph" },
    parts: { loadSpec: () => Promise.resolve(old) },
  });
  const [resumed] = await b.workflow.resume();
  assert.deepEqual((await resumed?.result)?.outputs, { first: 1, second: [1, "old graph"] });
  assert.deepEqual((await (await b.workflow.start()).result).outputs, { other: "new graph" });
  assert.equal(old.runner.isDisposed, true);
});

Deno.test("a run whose node file is gone fails with a clear error", async () => {
  await using engines = await openEngines();
  const stuck = hanging();
  const a = await engines.start({ nodes: { first: () => 1, second: stuck.node, third: () => 3 } });
  await a.workflow.start();
  await stuck.begun;
  a.kill();
  const gone = new CodedError("NODE_NOT_FOUND", 'Cannot load node "second": no such file', {
    fix: "git restore",
  });
  const b = await engines.start({
    nodes: { other: () => 1 },
    parts: { loadSpec: () => Promise.reject(gone) },
  });
  const [resumed] = await b.workflow.resume();
  const { status, errors } = await resumed?.result ?? assert.fail();
  assert.equal(status, "failed");
  assert.match(Object.values(errors)[0] ?? "", /^NODE_NOT_FOUND: .*no such file/);
  const kinds = (await resumed?.eventsSoFar() ?? []).slice(-3).map(({ kind }) => kind);
  assert.deepEqual(kinds, ["node.cancelled", "node.skipped", "run.failed"]);
});

Deno.test("an engine that shuts down leaves its runs to the next one", async () => {
  await using engines = await openEngines();
  const stuck = hanging();
  const a = await engines.start({ nodes: { first: () => 1, second: stuck.node } });
  const run = await a.workflow.start();
  await stuck.begun;
  await a.workflow.drain(0);
  const { status, outputs, errors } = await run.result;
  assert.deepEqual([status, outputs], ["interrupted", { first: 1 }]);
  assert.match(Object.values(errors)[0] ?? "", /^RUN_INTERRUPTED: .*shutting down/);
  const stored = await engines.storage.getRun(run.id);
  assert.deepEqual([stored?.status, stored?.owner], ["interrupted", undefined]);

  const b = await engines.start({
    nodes: { first: () => assert.fail("it is done"), second: () => 2 },
  });
  const [resumed] = await b.workflow.resume();
  assert.deepEqual((await resumed?.result)?.outputs, { first: 1, second: 2 });
});

Deno.test("work that got done while an engine shut down is done", async () => {
  await using engines = await openEngines();
  const begun = Promise.withResolvers<void>();
  const a = await engines.start({
    nodes: { first: () => 1 },
    parts: {
      load: () =>
        Promise.resolve({
          ...testGeneration({ nodes: { first: () => 1 } }),
          runner: Object.assign(testGeneration().runner, {
            async run(call: { signal: AbortSignal; onBegin(): void }) {
              call.onBegin();
              begun.resolve();
              await untilStopped(call as never);
              return { status: "succeeded" as const, output: "in time" };
            },
          }),
        }),
    },
  });
  await a.workflow.reload();
  const run = await a.workflow.start();
  await begun.promise;
  await a.workflow.drain(0);
  assert.equal((await run.result).status, "interrupted");
  const b = await engines.start({ nodes: { first: () => assert.fail("it is done") } });
  const [resumed] = await b.workflow.resume();
  assert.deepEqual((await resumed?.result)?.outputs, { first: "in time" });
});

Deno.test("an engine that lost its lease stops its run and writes nothing more", async () => {
  await using engines = await openEngines();
  const stuck = hanging();
  const a = await engines.start({ nodes: { first: stuck.node } });
  const run = await a.workflow.start();
  await stuck.begun;
  const { lastSeq } = await engines.storage.getRun(run.id) ?? assert.fail();
  a.fail(new StorageError("LEASE_LOST", "another engine has it"));
  run.cancel();
  const { status, errors } = await run.result;
  assert.equal(status, "interrupted");
  assert.match(Object.values(errors)[0] ?? "", /^LEASE_LOST/);
  assert.equal((await engines.storage.getRun(run.id))?.lastSeq, lastSeq);
});

Deno.test("a run waits for a storage that is out of reach, and new runs are refused meanwhile", async () => {
  const clock = new FakeClock(1_000_000);
  await using engines = await openEngines(clock);
  const gate = Promise.withResolvers<void>();
  const a = await engines.start({ nodes: { first: () => gate.promise, second: () => 2 } });
  const run = await a.workflow.start();
  await clock.advance(1);
  a.fail(UNAVAILABLE);
  gate.resolve();
  await clock.advance(500);
  await assert.rejects(a.workflow.start(), { code: "STORAGE_UNAVAILABLE" });
  assert.equal(run.status, "running");
  a.fail(undefined);
  await clock.advance(500);
  assert.equal((await run.result).status, "succeeded");
  assert.equal((await (await a.workflow.start()).result).status, "succeeded");
});

Deno.test("a run that waited too long for its storage is given up, and goes on when that is back", async () => {
  const clock = new FakeClock(1_000_000);
  await using engines = await openEngines(clock);
  const gate = Promise.withResolvers<void>();
  const warnings: string[] = [];
  const a = await engines.start({
    nodes: { first: () => gate.promise, second: () => 2 },
    parts: { onWarning: (message) => warnings.push(message) },
  });
  const run = await a.workflow.start();
  await clock.advance(1);
  a.fail(UNAVAILABLE);
  gate.resolve();
  await clock.advance(5_000);
  assert.equal((await run.result).status, "interrupted");
  assert.match(warnings.join("\n"), /STORAGE_UNAVAILABLE/);
  a.fail(undefined);
  a.kill();
  const b = await engines.start({ nodes: { first: () => 1, second: () => 2 } });
  const [resumed] = await b.workflow.resume();
  assert.equal((await resumed?.result)?.status, "succeeded");
});

Deno.test("a cancel that another process asks for is obeyed", async () => {
  const clock = new FakeClock(1_000_000);
  await using engines = await openEngines(clock);
  const stuck = hanging();
  const a = await engines.start({ nodes: { first: stuck.node } });
  const run = await a.workflow.start();
  await stuck.begun;
  assert.equal(await engines.storage.requestCancel(run.id), true);
  await clock.advance(1_000);
  assert.equal((await run.result).status, "cancelled");
  assert.equal((await engines.storage.getRun(run.id))?.status, "cancelled");
});

Deno.test("cancelling a run whose engine is gone ends it, and no node of it runs", async () => {
  await using engines = await openEngines();
  const stuck = hanging();
  const a = await engines.start({ nodes: { first: () => 1, second: stuck.node } });
  const { id } = await a.workflow.start();
  await stuck.begun;
  a.kill();
  const b = await engines.start({
    nodes: {
      first: () => assert.fail("it was cancelled"),
      second: () => assert.fail("it was cancelled"),
    },
  });
  const run = await b.workflow.run(id);
  run?.cancel();
  const { status, outputs } = await run?.result ?? assert.fail();
  assert.deepEqual([status, outputs], ["cancelled", { first: 1 }]);
  const kinds = (await run?.eventsSoFar() ?? []).slice(-2).map(({ kind }) => kind);
  assert.deepEqual(kinds, ["node.cancelled", "run.cancelled"]);
});

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
  assert.equal((await second.result).status, "cancelled");
  assert.deepEqual((await second.eventsSoFar()).map(({ kind }) => kind), [
    "run.queued",
    "run.cancelled",
  ]);
  const third = await a.workflow.start();
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

Deno.test("two engines that take up at once share the runs, and each run ends once", async () => {
  await using engines = await openEngines();
  const a = await engines.start({ nodes: { node: untilStopped } });
  const ids = (await Promise.all(Array.from({ length: 40 }, () => a.workflow.start()))).map((
    { id },
  ) => id);
  a.kill();
  const [b, c] = [await engines.start(), await engines.start()];
  const taken = (await Promise.all([b.workflow.resume(), c.workflow.resume()])).flat();
  assert.deepEqual(taken.map(({ id }) => id).sort(), ids.sort());
  await Promise.all(taken.map(({ result }) => result));
  for (const id of ids) assert.equal((await engines.storage.getRun(id))?.status, "succeeded");
});
