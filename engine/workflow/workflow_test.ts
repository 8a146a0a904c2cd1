import assert from "node:assert/strict";
import { FakeClock, systemClock } from "../clock/mod.ts";
import { TerminalError } from "../errors/mod.ts";
import type { RunEvent } from "../executor/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import { testGeneration, testWorkflow, untilStopped } from "./_test_workflow.ts";

Deno.test("start() runs the nodes and answers with their outputs", async () => {
  await using workflow = await testWorkflow({
    nodes: { first: ({ input }) => ({ got: input }), second: ({ input }) => [input] },
  });
  const run = await workflow.start({ topic: "deno" });
  const result = await run.result;
  assert.equal(result.success, true);
  assert.equal(result.runId, run.id);
  assert.deepEqual(result.outputs, {
    first: { got: { topic: "deno" } },
    second: [{ got: { topic: "deno" } }],
  });
  assert.equal(run.status, "succeeded");
  assert.equal(run.summary.completedAt, result.timing.completedAt);
});

Deno.test("a run and its result end in the same moment, however often the clock was read", async () => {
  let now = 0;
  const clock = { ...systemClock, now: () => now++ };
  await using workflow = await testWorkflow({ nodes: { only: () => 1 }, clock });
  const run = await workflow.start();
  const { timing } = await run.result;
  assert.equal(run.summary.completedAt, timing.completedAt);
});

Deno.test("start() gives {} to a workflow that is started without input", async () => {
  await using workflow = await testWorkflow();
  assert.deepEqual((await (await workflow.start()).result).outputs, { echo: {} });
});

Deno.test("start() fills in defaults and reports every problem of the input at once", async () => {
  await using workflow = await testWorkflow({
    inputs: {
      topic: { required: true },
      limit: { type: "integer", default: 5 },
    },
  });
  const result = await (await workflow.start({ topic: "deno" })).result;
  assert.deepEqual(result.outputs, { echo: { topic: "deno", limit: 5 } });
  await assert.rejects(workflow.start({ limit: "many" }), (error: Error & { code?: string }) => {
    assert.equal(error.code, "INPUT_INVALID");
    assert.match(error.message, /topic/);
    assert.match(error.message, /limit/);
    return true;
  });
  assert.equal((await workflow.runs()).length, 1);
});

Deno.test("start() refuses an input that is nested too deeply for the walks over it", async () => {
  await using workflow = await testWorkflow();
  const deep: JsonValue = JSON.parse("[".repeat(100_000) + "]".repeat(100_000));
  await assert.rejects(workflow.start(deep), { code: "INPUT_INVALID" });
});

Deno.test("a failed run is a result, not a rejection", async () => {
  await using workflow = await testWorkflow({
    nodes: {
      broken: () => {
        throw new Error("no such story");
      },
      after: () => 1,
    },
  });
  const run = await workflow.start();
  const result = await run.result;
  assert.equal(result.status, "failed");
  assert.match(result.errors["broken"] ?? "", /^NODE_FAILED: .*no such story/);
  assert.match(run.summary.error ?? "", /no such story/);
});

Deno.test("what is shown of a run never holds a secret, while nodes see it", async () => {
  const seen: JsonValue[] = [];
  await using workflow = await testWorkflow({
    secret: "canary-1234",
    nodes: {
      first(call) {
        call.onLog({ level: "info", message: "token canary-1234", fields: { t: "canary-1234" } });
        return { token: "canary-1234", input: call.input };
      },
      second({ input }) {
        seen.push(input);
        throw new Error("cannot use canary-1234");
      },
    },
  });
  const told: RunEvent[] = [];
  workflow.subscribe((event) => told.push(event));
  const run = await workflow.start({ key: "canary-1234" }, { trigger: { by: "canary-1234" } });
  const shown = [
    await run.result,
    await run.eventsSoFar(),
    run.summary,
    told,
    await workflow.runs(),
  ];
  assert.ok(!JSON.stringify(shown).includes("canary"));
  assert.ok(JSON.stringify(seen).includes("canary-1234"));
  assert.match((await run.result).errors["second"] ?? "", /cannot use \*\*\*/);
});

Deno.test("events() replays, follows, and ends with the run", async () => {
  const gate = Promise.withResolvers<void>();
  await using workflow = await testWorkflow({ nodes: { slow: () => gate.promise } });
  const run = await workflow.start();
  const kinds: string[] = [];
  for await (const event of run.events()) {
    kinds.push(event.kind);
    if (event.kind === "node.started") gate.resolve();
  }
  assert.deepEqual(kinds, ["run.started", "node.started", "node.succeeded", "run.succeeded"]);
  const rest = await Array.fromAsync(run.events(2));
  assert.deepEqual(rest.map((event) => event.seq), [3, 4]);
});

Deno.test("a listener that throws does not disturb the run", async () => {
  const warnings: string[] = [];
  await using workflow = await testWorkflow({
    parts: { onWarning: (message) => warnings.push(message) },
  });
  workflow.subscribe(() => {
    throw new Error("look away");
  });
  assert.equal((await (await workflow.start()).result).success, true);
  assert.match(warnings[0] ?? "", /look away/);
});

Deno.test("cancel() ends a run as cancelled, and a second time does nothing", async () => {
  await using workflow = await testWorkflow({ nodes: { slow: untilStopped } });
  const run = await workflow.start();
  run.cancel();
  assert.equal((await run.result).status, "cancelled");
  assert.match(run.summary.error ?? "", /^RUN_CANCELLED: /);
  run.cancel();
  assert.equal(run.status, "cancelled");
});

Deno.test("a caller's signal cancels its run with the caller's reason", async () => {
  await using workflow = await testWorkflow({ nodes: { slow: untilStopped } });
  const abort = new AbortController();
  const run = await workflow.start({}, { signal: abort.signal });
  abort.abort(new TerminalError("the terminal was closed"));
  assert.equal((await run.result).status, "cancelled");
  assert.match(run.summary.error ?? "", /the terminal was closed/);
  const late = await workflow.start({}, { signal: abort.signal });
  assert.equal((await late.result).status, "cancelled");
});

Deno.test("a run that takes longer than its timeout is cancelled with RUN_TIMEOUT", async () => {
  const clock = new FakeClock(1000);
  const workflow = await testWorkflow({ clock, nodes: { slow: untilStopped } });
  const run = await workflow.start({}, { timeoutMs: 500 });
  await clock.advance(499);
  assert.equal(run.status, "running");
  await clock.advance(1);
  await run.result;
  assert.match(run.summary.error ?? "", /^RUN_TIMEOUT: .*500 ms/);
  await workflow[Symbol.asyncDispose]();
  assert.equal(clock.pending, 0);
});

Deno.test("a run whose executor breaks still ends, with an answer and an event", async () => {
  const generation = testGeneration();
  await using workflow = await testWorkflow({
    parts: {
      load: () =>
        Promise.resolve({
          ...generation,
          executor: { execute: () => Promise.reject(new Error("broken")) },
        }),
    },
  });
  await workflow.reload();
  const run = await workflow.start();
  assert.equal((await run.result).status, "failed");
  assert.equal((await run.eventsSoFar()).at(-1)?.kind, "run.failed");
  assert.equal(workflow.activeRuns, 0);
});

Deno.test("the history forgets the oldest finished runs by number and by size", async () => {
  await using few = await testWorkflow({
    memory: { maxRuns: 3, maxBytes: 1_000_000 },
  });
  const ids: string[] = [];
  for (let i = 0; i < 5; i++) {
    const run = await few.start({ i });
    ids.push(run.id);
    await run.result;
  }
  await Promise.resolve();
  assert.deepEqual((await few.runs()).map((run) => run.runId), ids.slice(2).reverse());
  assert.equal(await few.run(ids[0] ?? ""), undefined);

  await using small = await testWorkflow({
    memory: { maxRuns: 1000, maxBytes: 100_000 },
  });
  for (let i = 0; i < 20; i++) await (await small.start({ text: "x".repeat(10_000) })).result;
  assert.ok((await small.runs()).length >= 1 && (await small.runs()).length < 5);
});

Deno.test("the history never forgets a run that goes on", async () => {
  const gate = Promise.withResolvers<void>();
  await using workflow = await testWorkflow({
    nodes: { node: ({ input }) => (input as { wait?: boolean }).wait ? gate.promise : 1 },
    memory: { maxRuns: 1, maxBytes: 1_000_000 },
  });
  const slow = await workflow.start({ wait: true });
  for (let i = 0; i < 3; i++) await (await workflow.start()).result;
  assert.equal((await workflow.run(slow.id))?.status, "running");
  gate.resolve();
  await slow.result;
});

Deno.test("runs() filters by status and pages by the id of a run", async () => {
  await using workflow = await testWorkflow({
    nodes: {
      node({ input }) {
        if ((input as { fail?: boolean }).fail) throw new Error("as asked");
      },
    },
  });
  const ids: string[] = [];
  for (const fail of [false, true, false, true]) {
    const run = await workflow.start({ fail });
    ids.unshift(run.id);
    await run.result;
  }
  async function list(query: Parameters<typeof workflow.runs>[0]): Promise<string[]> {
    return (await workflow.runs(query)).map((run) => run.runId);
  }
  assert.deepEqual(await list({}), ids);
  assert.deepEqual(await list({ status: ["failed"] }), [ids[0], ids[2]]);
  assert.deepEqual(await list({ limit: 2 }), ids.slice(0, 2));
  assert.deepEqual(await list({ limit: 2, before: ids[1] ?? "" }), ids.slice(2));
  assert.deepEqual(await list({ before: "unknown" }), []);
});

Deno.test("reload() lets runs in flight finish on the old version, then disposes it", async () => {
  const gate = Promise.withResolvers<void>();
  const versions = ["old", "new"].map((name) =>
    testGeneration({ nodes: { node: () => gate.promise.then(() => name) } })
  );
  let loads = 0;
  await using workflow = await testWorkflow({
    parts: { load: () => Promise.resolve(versions[loads++] ?? versions[0] as never) },
  });
  await workflow.reload();
  const [old, fresh] = versions;
  const before = await Promise.all(Array.from({ length: 200 }, () => workflow.start()));
  await workflow.reload();
  const after = await workflow.start();
  assert.equal(workflow.current.version, 3);
  assert.equal(old?.runner.isDisposed, false);
  gate.resolve();
  for (const run of before) assert.deepEqual((await run.result).outputs, { node: "old" });
  assert.deepEqual((await after.result).outputs, { node: "new" });
  assert.equal(old?.runner.isDisposed, true);
  assert.equal(fresh?.runner.isDisposed, false);
});

Deno.test("reload() that fails leaves the old version, and a later one recovers", async () => {
  const good = testGeneration({ nodes: { node: () => "better" } });
  const bad = testGeneration();
  bad.runner.ready = () => Promise.reject(new Error("syntax error in node.ts"));
  const attempts = [
    () => Promise.reject(new Error("not YAML")),
    () => Promise.resolve(bad),
    () => Promise.resolve(good),
  ];
  await using workflow = await testWorkflow({
    nodes: { node: () => "old" },
    parts: { load: () => attempts.shift()?.() ?? Promise.reject(new Error("none left")) },
  });
  await assert.rejects(workflow.reload(), /not YAML/);
  await assert.rejects(workflow.reload(), /syntax error/);
  assert.equal(bad.runner.isDisposed, true);
  assert.equal(workflow.current.version, 1);
  assert.match(workflow.stats().reloadError ?? "", /syntax error/);
  assert.deepEqual((await (await workflow.start()).result).outputs, { node: "old" });
  await workflow.reload();
  assert.equal(workflow.stats().reloadError, undefined);
  assert.deepEqual((await (await workflow.start()).result).outputs, { node: "better" });
});

Deno.test("drain() refuses new runs, waits for the old ones, and cancels them after the grace", async () => {
  const clock = new FakeClock(1000);
  const gate = Promise.withResolvers<void>();
  const workflow = await testWorkflow({
    clock,
    nodes: {
      node: (call) => (call.input as { quick?: boolean }).quick ? gate.promise : untilStopped(call),
    },
  });
  const quick = await workflow.start({ quick: true });
  const stuck = await workflow.start();
  const drained = workflow.drain(5000);
  await assert.rejects(workflow.start(), { code: "DRAINING" });
  gate.resolve();
  await quick.result;
  await clock.advance(4999);
  assert.equal(stuck.status, "running");
  await clock.advance(1);
  await drained;
  assert.equal(quick.status, "succeeded");
  assert.equal(stuck.status, "cancelled");
  assert.match(stuck.summary.error ?? "", /shutting down/);
  await workflow[Symbol.asyncDispose]();
});

Deno.test("drain() ends as soon as the last run is over", async () => {
  const clock = new FakeClock(1000);
  const workflow = await testWorkflow({ clock });
  await workflow.start();
  await workflow.drain(60_000);
  assert.equal(clock.pending, 0);
  await workflow[Symbol.asyncDispose]();
});

Deno.test("disposing a workflow cancels its runs and stops its hosts", async () => {
  const workflow = await testWorkflow({ nodes: { slow: untilStopped } });
  const run = await workflow.start();
  await workflow[Symbol.asyncDispose]();
  assert.equal(run.status, "cancelled");
});

Deno.test("runNode() calls one node with values of the caller's own", async () => {
  await using workflow = await testWorkflow({
    secret: "canary-1234",
    nodes: {
      unused: () => assert.fail("not asked for"),
      node(call, overrides) {
        call.onLog({ level: "info", message: "saw canary-1234" });
        return { input: call.input, overrides, mine: "canary-1234" };
      },
    },
  });
  const report = await workflow.runNode("node", {
    input: 7,
    config: { a: 1 },
    secrets: { github: { token: "test-token" } },
  });
  assert.deepEqual(report.outcome, {
    status: "succeeded",
    output: {
      input: 7,
      overrides: { config: { a: 1 }, secrets: { github: { token: "test-token" } } },
      mine: "***",
    },
  });
  assert.deepEqual(report.logs, [{ level: "info", message: "saw ***" }]);
});

Deno.test("runNode() holds the node's own timeout", async () => {
  const clock = new FakeClock();
  const workflow = await testWorkflow({ clock, nodes: { slow: untilStopped } });
  const report = workflow.runNode("slow", { input: null });
  await clock.advance(30_000);
  const { outcome, durationMs } = await report;
  assert.equal(outcome.status === "failed" && outcome.error.code, "NODE_TIMEOUT");
  assert.equal(durationMs, 30_000);
  await workflow[Symbol.asyncDispose]();
});

Deno.test("runNode() names the nodes there are when asked for another", async () => {
  await using workflow = await testWorkflow({ nodes: { fetch: () => 1, format: () => 2 } });
  await assert.rejects(workflow.runNode("fecth", { input: null }), {
    code: "TARGET_NOT_FOUND",
    fix: /fetch, format/,
  });
});
