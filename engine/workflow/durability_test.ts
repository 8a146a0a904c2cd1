import assert from "node:assert/strict";
import { FakeClock } from "../clock/mod.ts";
import { CodedError } from "../errors/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import { StorageError } from "../storage/mod.ts";
import { hanging } from "./_hanging_node.ts";
import { openEngines } from "./_test_engines.ts";
import { testGeneration, type TestNode, untilStopped } from "./_test_workflow.ts";

const UNAVAILABLE = new StorageError("STORAGE_UNAVAILABLE", "Cannot write: the disk is full");

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

Deno.test("an engine takes up again what it gave up, once its storage is back", async () => {
  const clock = new FakeClock(1_000_000);
  await using engines = await openEngines(clock);
  const gate = Promise.withResolvers<void>();
  const a = await engines.start({ nodes: { first: () => gate.promise, second: () => 2 } });
  await a.workflow.recover();
  const run = await a.workflow.start();
  await clock.advance(1);
  a.fail(UNAVAILABLE);
  gate.resolve();
  await clock.advance(10_000);
  assert.equal((await run.result).status, "interrupted");
  a.fail(undefined);
  await clock.advance(20_000);
  assert.equal((await engines.storage.getRun(run.id))?.status, "succeeded");
  const resumed = await a.workflow.run(run.id);
  assert.deepEqual((await resumed?.result)?.outputs, { first: null, second: 2 });
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
