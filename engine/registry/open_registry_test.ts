import assert from "node:assert/strict";
import { openWorkflow } from "../workflow/mod.ts";
import { flow, withRegistry } from "./_test_registry.ts";
import type { Registry } from "./registry.ts";

function names(registry: Registry): readonly string[] {
  return registry.list().map(({ name }) => name);
}

async function answerOf(registry: Registry, name: string, input = {}): Promise<unknown> {
  const run = await registry.get(name)?.workflow.start(input);
  return (await run?.result)?.outputs["only"];
}

Deno.test("every workflow.yaml below the path is a workflow, within another's folder too", () =>
  withRegistry({
    ...flow("b"),
    ...flow("a"),
    ...flow("a/inner"),
    ...flow("deep/er/c"),
    ...flow("node_modules/d"),
    ...flow(".git/e"),
    ...flow(".pd/pipelines/f"),
    ...flow("a/testdata/g"),
  }, async ({ path, open }) => {
    await Deno.symlink(`${path}/a`, `${path}/linked`);
    const registry = await open();
    assert.deepEqual(names(registry), ["a", "b", "c", "inner"]);
    const inner = registry.get("inner");
    assert.deepEqual(inner?.origin, { kind: "folder", place: `${path}/a/inner` });
    assert.equal(inner?.workflow.workflowKey, `${path}/a/inner`);
    assert.equal(registry.get("d"), undefined);
    assert.deepEqual(registry.problems(), []);
    assert.deepEqual(await answerOf(registry, "c", { n: 1 }), { n: 1 });
  }));

Deno.test("a workflow that cannot be loaded is a problem, and the others are there", () =>
  withRegistry({
    ...flow("good"),
    "bad/workflow.yaml": "name: bad\nnodes: [\n",
    "worse/workflow.yaml": `name: worse\nversion: "1.0"\nnodes:\n  a: { path: ./gone.ts }\n`,
  }, async ({ path, open, logged }) => {
    const registry = await open();
    assert.deepEqual(names(registry), ["good"]);
    assert.deepEqual(registry.problems().map(({ place }) => place), [
      `${path}/bad`,
      `${path}/worse`,
    ]);
    for (const { message } of registry.problems()) {
      assert.match(message, /workflow.yaml:\d+:\d+|NODE_NOT_FOUND/);
    }
    assert.equal(logged.length, 2);
    await registry.reload();
    assert.equal(logged.length, 2, "what is known is not told again");
  }));

Deno.test("of two workflows with one name the first counts, and the other is a problem", () =>
  withRegistry(
    { ...flow("a", { name: "same", answer: "'a'" }), ...flow("b", { name: "same" }) },
    async ({ path, open, write }) => {
      const registry = await open();
      assert.deepEqual(names(registry), ["same"]);
      assert.equal(await answerOf(registry, "same"), "a");
      const [problem] = registry.problems();
      assert.equal(problem?.place, `${path}/b`);
      assert.match(problem?.message ?? "", /ALREADY_EXISTS Cannot register "same".*\/a$/);
      await write({ a: undefined });
      await registry.reload();
      assert.equal(registry.get("same")?.origin.place, `${path}/b`);
      assert.deepEqual(registry.problems(), []);
    },
  ));

Deno.test("reload() takes up what came and what changed, and lets go of what is gone", () =>
  withRegistry({ ...flow("a", { answer: "1" }), ...flow("b") }, async ({ open, write }) => {
    const registry = await open();
    let changes = 0;
    const stop = registry.onChange(() => changes++);
    const kept = registry.get("a")?.workflow;
    await registry.reload();
    assert.equal(changes, 0, "nothing has changed");
    await write({ ...flow("a", { answer: "2 + 2" }), ...flow("c"), b: undefined });
    await registry.reload();
    assert.deepEqual(names(registry), ["a", "c"]);
    assert.equal(changes, 1);
    assert.equal(registry.get("a")?.workflow, kept, "its queue and runs stay");
    assert.equal(kept?.current.version, 2);
    assert.equal(await answerOf(registry, "a"), 4);
    await write(flow("a", { name: "renamed", answer: "2 + 2" }));
    await registry.reload();
    assert.deepEqual(names(registry), ["c", "renamed"]);
    assert.equal(registry.get("renamed")?.workflow, kept);
    stop();
  }));

Deno.test("a workflow that breaks goes on as it was until it is mended", () =>
  withRegistry(flow("a", { answer: "1" }), async ({ open, write }) => {
    const registry = await open();
    const mended = flow("a", { answer: "200" });
    await write({ "a/workflow.yaml": "name: [" });
    await registry.reload();
    assert.deepEqual(names(registry), ["a"]);
    assert.equal(registry.problems().length, 1);
    assert.equal(await answerOf(registry, "a"), 1);
    await write(mended);
    await registry.reload();
    assert.deepEqual(registry.problems(), []);
    assert.equal(await answerOf(registry, "a"), 200);
  }));

Deno.test("the runs of a workflow that is gone come to their end, and are found until then", () =>
  withRegistry(
    flow("a", {
      answer: "(globalThis as any).registryTestGate",
    }),
    async ({ open, write, path }) => {
      const gate = Promise.withResolvers<void>();
      Object.assign(globalThis, { registryTestGate: gate.promise });
      const registry = await open();
      const entry = registry.get("a");
      const run = await entry?.workflow.start();
      await write({ "a/workflow.yaml": undefined });
      await registry.reload();
      assert.deepEqual(names(registry), []);
      const found = await registry.findRun(run?.id ?? "");
      assert.equal(found?.run, run);
      assert.equal(found?.entry.origin.place, `${path}/a`);
      await assert.rejects(async () => await entry?.workflow.start(), { code: "DRAINING" });
      gate.resolve();
      assert.equal((await run?.result)?.status, "succeeded");
    },
  ));

Deno.test("findRun() finds runs that go on and runs that are over, and none of other workflows", () =>
  withRegistry({ ...flow("a"), ...flow("b") }, async ({ open, storage, write, path }) => {
    const registry = await open();
    const run = await registry.get("b")?.workflow.start();
    assert.equal((await registry.findRun(run?.id ?? ""))?.entry.name, "b");
    await run?.result;
    const found = await registry.findRun(run?.id ?? "");
    assert.deepEqual([found?.entry.name, found?.run.status], ["b", "succeeded"]);
    await write(flow(".hidden/other"));
    await using other = await openWorkflow({ dir: `${path}/.hidden/other`, storage });
    const elsewhere = await other.start();
    assert.equal(await registry.findRun(elsewhere.id), undefined);
    assert.equal(await registry.findRun("unknown"), undefined);
  }));

Deno.test("subscribe() hands on events of all workflows, until it is ended", () =>
  withRegistry({ ...flow("a"), ...flow("b") }, async ({ open, write, logged }) => {
    const registry = await open();
    const seen: string[] = [];
    registry.subscribe(() => {
      throw new Error("broken onlooker");
    });
    const stop = registry.subscribe(({ kind }, { name }) => void seen.push(`${name} ${kind}`));
    await answerOf(registry, "a");
    await write(flow("c"));
    await registry.reload();
    await answerOf(registry, "c");
    stop();
    await answerOf(registry, "b");
    assert.deepEqual(
      seen.filter((line) => line.includes("run.")),
      ["a run.started", "a run.succeeded", "c run.started", "c run.succeeded"],
    );
    assert.match(logged[0]?.message ?? "", /broken onlooker/);
  }));

Deno.test("drain() starts nothing more and gives up what takes too long", () =>
  withRegistry({
    ...flow("a", { answer: "new Promise(() => {})", more: "config: { concurrency: 1 }\n" }),
    ...flow("b"),
  }, async ({ open, write }) => {
    const registry = await open();
    const a = registry.get("a")?.workflow;
    const runs = [await a?.start(), await a?.start()];
    assert.equal(registry.isDraining, false);
    const patient = registry.drain({ graceMs: 3_600_000, queued: "cancel" });
    assert.equal(registry.isDraining, true);
    assert.equal((await runs[1]?.result)?.status, "cancelled");
    await assert.rejects(async () => await registry.get("b")?.workflow.start(), {
      code: "DRAINING",
    });
    await registry.drain({ graceMs: 0, queued: "cancel" });
    await patient;
    assert.equal((await runs[0]?.result)?.status, "cancelled");
    await write(flow("c"));
    await registry.reload();
    assert.deepEqual(names(registry), ["a", "b"]);
  }));

Deno.test("add() brings a workflow of the program's own, and remove() takes it away", () =>
  withRegistry({ ...flow("a"), ...flow(".hidden/x", { answer: "'x'" }) }, async (test) => {
    const registry = await test.open();
    const found = (name: string, stamp: string) => ({
      id: "repository:x",
      name,
      origin: { kind: "repository" as const, place: "x" },
      stamp,
      open: () =>
        openWorkflow({
          dir: `${test.path}/.hidden/x`,
          storage: test.storage,
          workflowKey: "repo:x",
        }),
    });
    const entry = await registry.add(found("repo:x", "1"));
    assert.equal(registry.get("repo:x"), entry);
    assert.equal(await answerOf(registry, "repo:x"), "x");
    await test.write(flow(".hidden/x", { answer: "'y'" }));
    assert.equal(await registry.add(found("repo:x", "2")), entry);
    assert.equal(await answerOf(registry, "repo:x"), "y");
    await registry.reload();
    assert.deepEqual(names(registry), ["a", "repo:x"]);
    await assert.rejects(registry.add({ ...found("a", "1"), id: "repository:a" }), {
      code: "ALREADY_EXISTS",
    });
    assert.equal(await registry.remove("repo:x"), true);
    assert.equal(await registry.remove("repo:x"), false);
    assert.deepEqual(names(registry), ["a"]);
  }));

Deno.test("openRegistry() refuses a path that is no folder", () =>
  withRegistry({}, async ({ open, path }) => {
    await assert.rejects(open({ path: `${path}/gone` }), { code: "WORKFLOW_NOT_FOUND" });
  }));
