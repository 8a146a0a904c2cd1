import assert from "node:assert/strict";
import { FakeClock } from "../clock/mod.ts";
import { StorageError } from "../storage/mod.ts";
import { openEngines } from "./_test_engines.ts";
import { hanging } from "./_hanging_node.ts";
import { FakeRunner, testGeneration, testWorkflow } from "./_test_workflow.ts";
import { END_LIMIT_MS, endRun } from "./end_run.ts";

for (
  const [how, node, status] of [
    ["succeeds", () => 1, "succeeded"],
    ["fails", () => Promise.reject(new Error("no")), "failed"],
  ] as const
) {
  Deno.test(`the containers of a run that ${how} are gone before its result is there`, async () => {
    const { runner, release, load } = holding(node);
    await using workflow = await testWorkflow({ parts: { load } });
    await workflow.reload();
    const run = await workflow.start();
    let isOver = false;
    const result = run.result.finally(() => (isOver = true));
    await runner.asked.promise;
    await Promise.resolve();
    assert.equal(isOver, false);
    release();
    assert.equal((await result).status, status);
    assert.deepEqual(runner.endedRuns, [run.id]);
  });
}

Deno.test("the containers of a run that is cancelled are gone before its result is there", async () => {
  const stuck = hanging();
  const { runner, release, load } = holding(stuck.node);
  await using workflow = await testWorkflow({ parts: { load } });
  await workflow.reload();
  const run = await workflow.start();
  await stuck.begun;
  run.cancel();
  release();
  assert.equal((await run.result).status, "cancelled");
  assert.deepEqual(runner.endedRuns, [run.id]);
});

Deno.test("the containers of a run that is given up are gone before another engine may have it", async () => {
  await using engines = await openEngines();
  const stuck = hanging();
  const { runner, release, load } = holding(stuck.node);
  const a = await engines.start({ parts: { load } });
  await a.workflow.reload();
  const run = await a.workflow.start();
  await stuck.begun;
  const drained = a.workflow.drain(0);
  await runner.asked.promise;
  const b = await engines.start();
  assert.deepEqual(await b.workflow.resume(), []);
  release();
  await drained;
  assert.equal((await run.result).status, "interrupted");
  const [resumed] = await b.workflow.resume();
  assert.equal(resumed?.id, run.id);
  await resumed?.result;
});

Deno.test("the containers of a run whose lease is lost are ended too", async () => {
  await using engines = await openEngines();
  const stuck = hanging();
  const { runner, release, load } = holding(stuck.node);
  const a = await engines.start({ parts: { load } });
  await a.workflow.reload();
  const run = await a.workflow.start();
  await stuck.begun;
  release();
  a.fail(new StorageError("LEASE_LOST", "another engine has the run"));
  run.cancel();
  assert.equal((await run.result).status, "interrupted");
  assert.deepEqual(runner.endedRuns, [run.id]);
});

Deno.test("what goes wrong while containers are removed is a warning, and no more", async () => {
  const warnings: string[] = [];
  const runner = new FakeRunner({});
  runner.endRun = () => Promise.reject(new Error("no daemon"));
  const onWarning = (message: string) => void warnings.push(message);
  await endRun("run-1", { runner, clock: new FakeClock(0), onWarning });
  assert.deepEqual(warnings, ["the containers of run run-1 may be left: no daemon"]);
});

Deno.test("containers that do not go are waited for so long, and no longer", async () => {
  const warnings: string[] = [];
  const clock = new FakeClock(0);
  const runner = new FakeRunner({});
  runner.endRun = () => new Promise(() => {});
  const onWarning = (message: string) => void warnings.push(message);
  const ended = endRun("run-1", { runner, clock, onWarning });
  await clock.advance(END_LIMIT_MS);
  await ended;
  assert.deepEqual(warnings, ["the containers of run run-1 were not gone 300 s after its end"]);
});

Deno.test("runNode() ends what its one node has left in containers", async () => {
  const { runner, release, load } = holding(() => 1);
  release();
  await using workflow = await testWorkflow({ parts: { load } });
  await workflow.reload();
  await workflow.runNode("it", { input: {} });
  assert.equal(runner.endedRuns.length, 1);
});

/** A runner that ends runs when it is released. */
function holding(node: ConstructorParameters<typeof FakeRunner>[0][string]) {
  const released = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const runner = Object.assign(new FakeRunner({ it: node }), {
    asked,
    async endRun(runId: string) {
      asked.resolve();
      await released.promise;
      runner.endedRuns.push(runId);
    },
  });
  const load = () => Promise.resolve({ ...testGeneration({ nodes: { it: node } }), runner });
  return { runner, load, release: () => released.resolve() };
}
