import assert from "node:assert/strict";
import { FakeClock } from "../clock/mod.ts";
import { hanging } from "./_hanging_node.ts";
import { openEngines } from "./_test_engines.ts";

Deno.test("a run that is taken up again keeps the timeout that it was given", async () => {
  const clock = new FakeClock(1_000_000);
  await using engines = await openEngines(clock);
  const stuck = hanging();
  const a = await engines.start({ nodes: { first: stuck.node } });
  const run = await a.workflow.start({}, { timeoutMs: 25_000 });
  await stuck.begun;
  a.kill();
  await clock.advance(10_000);
  const again = hanging();
  const b = await engines.start({ nodes: { first: again.node } });
  const [resumed] = await b.workflow.resume(run.id);
  await clock.advance(1);
  await again.begun;
  await clock.advance(14_998);
  assert.equal(resumed?.status, "running");
  await clock.advance(1);
  await clock.advance(1_000);
  const { status, errors } = await resumed?.result ?? assert.fail();
  assert.equal(status, "cancelled");
  assert.match(Object.values(errors)[0] ?? "", /^RUN_TIMEOUT: .*longer than 25000 ms/);
});

Deno.test("a run whose time ran out while nobody had it ends, and nothing of it runs again", async () => {
  const clock = new FakeClock(1_000_000);
  await using engines = await openEngines(clock);
  const stuck = hanging();
  const queue = { concurrency: 1, limit: 1 };
  const a = await engines.start({ queue, nodes: { first: () => 1, second: stuck.node } });
  const running = await a.workflow.start({}, { timeoutMs: 60_000 });
  const queued = await a.workflow.start({}, { timeoutMs: 60_000 });
  await clock.advance(1);
  await stuck.begun;
  a.kill();
  await clock.advance(60_000);
  const late = () => assert.fail("its time is over");
  const b = await engines.start({ queue, nodes: { first: late, second: late } });
  const resumed = await b.workflow.resume();
  assert.deepEqual(resumed.map(({ id }) => id), [running.id, queued.id]);
  for (const run of resumed) {
    assert.equal((await run.result).status, "cancelled");
    assert.match(run.summary.error ?? "", /^RUN_TIMEOUT/);
    assert.equal((await engines.storage.getRun(run.id))?.status, "cancelled");
  }
  const kinds = (await resumed[0]?.eventsSoFar() ?? []).slice(-2).map(({ kind }) => kind);
  assert.deepEqual(kinds, ["node.cancelled", "run.cancelled"]);
});
