import assert from "node:assert/strict";
import type { NodeCall, TaskRecord } from "../executor/mod.ts";
import { openEngines } from "./_test_engines.ts";
import { untilStopped } from "./_test_workflow.ts";

const SECRET = "canary-1234";
const TASK: TaskRecord = {
  task: "0-print",
  fingerprint: "f1",
  name: "print",
  code: 0,
  durationMs: 3,
  answer: { code: 0, stdout: `token ${SECRET}\n` },
};

/** Adds the task and waits for ever. */
function stuckAfter(task: TaskRecord, added: PromiseWithResolvers<void>) {
  return async (call: NodeCall) => {
    await call.tasks.add(task);
    added.resolve();
    await untilStopped(call);
  };
}

Deno.test("a task that was done before the engine was killed is found by the next one, secrets and all", async () => {
  await using engines = await openEngines();
  const added = Promise.withResolvers<void>();
  const a = await engines.start({ secret: SECRET, nodes: { first: stuckAfter(TASK, added) } });
  const run = await a.workflow.start();
  await added.promise;
  a.kill();

  const stored = await engines.storage.readEvents(run.id, 0);
  assert.ok(!JSON.stringify(stored).includes(SECRET));
  assert.ok(JSON.stringify(stored).includes("test.key"));

  const b = await engines.start({
    secret: SECRET,
    nodes: { first: ({ tasks }) => tasks.get("0-print") },
  });
  const [resumed] = await b.workflow.resume();
  const { outputs } = await resumed?.result ?? assert.fail();
  assert.deepEqual(outputs["first"], {
    ...TASK,
    answer: { code: 0, stdout: "token ***\n" },
  });
  const shown = (await resumed?.eventsSoFar() ?? []).filter(({ kind }) =>
    kind === "task.completed"
  );
  assert.deepEqual(shown.map((event) => "answer" in event && event.answer), [
    { code: 0, stdout: "token ***\n" },
  ]);
});

Deno.test("a task whose secret is gone since is not there", async () => {
  await using engines = await openEngines();
  const added = Promise.withResolvers<void>();
  const a = await engines.start({ secret: SECRET, nodes: { first: stuckAfter(TASK, added) } });
  await a.workflow.start();
  await added.promise;
  a.kill();
  const b = await engines.start({
    nodes: { first: ({ tasks }) => tasks.get("0-print") === undefined },
  });
  const [resumed] = await b.workflow.resume();
  assert.deepEqual((await resumed?.result)?.outputs, { first: true });
});

Deno.test("a secret in the name of a task is neither shown nor stored", async () => {
  await using engines = await openEngines();
  const added = Promise.withResolvers<void>();
  const task = { ...TASK, task: `0-${SECRET}`, name: SECRET, answer: null };
  const a = await engines.start({ secret: SECRET, nodes: { first: stuckAfter(task, added) } });
  const run = await a.workflow.start();
  await added.promise;
  const stored = await engines.storage.readEvents(run.id, 0);
  const shown = await run.eventsSoFar();
  assert.ok(!JSON.stringify([stored, shown]).includes(SECRET));
});
