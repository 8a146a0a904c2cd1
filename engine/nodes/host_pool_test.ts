import assert from "node:assert/strict";
import { isAlive, type TestCall, TestWorkflow } from "./_test_workflow.ts";

Deno.test("a call goes to a free host first, so a blocked host delays no other call", async () => {
  await using workflow = await TestWorkflow.open({
    nodes: {
      block: { source: `export default () => { while (true); }` },
      quick: { source: `export default () => "quick";` },
    },
    maxHosts: 2,
  });
  const controller = new AbortController();
  const block = workflow.call("block", {}, { signal: controller.signal });
  await block.begun;
  assert.equal(await workflow.output("quick"), "quick");
  controller.abort();
  await block.outcome;
});

Deno.test("a call that has not begun when its host is killed runs elsewhere and was never lost", async () => {
  await using workflow = await TestWorkflow.open({
    nodes: {
      block: { source: `export default () => { while (true); }` },
      quick: { source: `export default () => "quick";` },
    },
    maxHosts: 1,
  });
  const controller = new AbortController();
  const block = workflow.call("block", {}, { signal: controller.signal });
  await block.begun;
  const waiting: TestCall[] = Array.from({ length: 5 }, () => workflow.call("quick"));
  controller.abort();
  await block.outcome;
  for (const call of waiting) {
    assert.deepEqual(await call.outcome, { status: "succeeded", output: "quick" });
  }
});

Deno.test("a call is cancelled at once while it waits, and within its grace while its host is blocked", async () => {
  await using workflow = await TestWorkflow.open({
    nodes: {
      block: { source: `export default () => { while (true); }` },
      quick: { source: `export default () => "quick";` },
    },
    maxHosts: 1,
    isWarm: true,
  });
  const stop = new AbortController();
  const block = workflow.call("block", {}, { signal: stop.signal });
  await block.begun;
  const controller = new AbortController();
  const sent = workflow.call("quick", {}, { signal: controller.signal });
  const queued = workflow.call("quick", {}, { signal: controller.signal });
  controller.abort();
  assert.deepEqual(await queued.outcome, { status: "cancelled" });
  assert.deepEqual(await sent.outcome, { status: "cancelled" });
  assert.equal(
    workflow.runner.stats().hosts,
    1,
    "the blocked host was not killed for a call that never began",
  );
  stop.abort();
  await block.outcome;
});

Deno.test("1 000 calls at once share two hosts and all answer", async () => {
  await using workflow = await TestWorkflow.open({
    nodes: { echo: { source: `export default async (ctx, input) => { await 0; return input; };` } },
    maxHosts: 2,
  });
  const calls = Array.from({ length: 1_000 }, (_, n) => workflow.output("echo", { n }));
  assert.deepEqual(await Promise.all(calls), Array.from({ length: 1_000 }, (_, n) => ({ n })));
  assert.ok(workflow.runner.stats().hosts <= 2);
});

Deno.test("after an edit no further host joins those that run the old code", async () => {
  await using workflow = await TestWorkflow.open({
    nodes: {
      old: {
        source: `import { word } from "./word.ts";
          export default (ctx, input) => new Promise((ok) => setTimeout(() => ok(word), input.ms));`,
      },
    },
    files: { "nodes/word.ts": `export const word = "old";` },
    maxHosts: 2,
    isWarm: true,
  });
  await Deno.writeTextFile(`${workflow.dir}/nodes/word.ts`, `export const word = "new";`);
  const calls = Array.from({ length: 50 }, () => workflow.output("old", { ms: 100 }));
  assert.deepEqual(new Set(await Promise.all(calls)), new Set(["old"]));
  assert.equal(workflow.runner.stats().hosts, 1);
});

Deno.test("disposing kills hosts that are busy, and leaves no process", async () => {
  const workflow = await TestWorkflow.open({
    nodes: { block: { source: `export default () => { while (true); }` } },
  });
  const block = workflow.call("block");
  await block.begun;
  const pid = workflow.onlyHost();
  await workflow[Symbol.asyncDispose]();
  assert.equal((await block.outcome).status === "succeeded", false);
  assert.equal(isAlive(pid), false);
});

Deno.test("a host that had to be killed is replaced before the next call needs one", async () => {
  await using workflow = await TestWorkflow.open({
    nodes: { stuck: { source: `export default () => { while (true); }` } },
    maxHosts: 1,
    isWarm: true,
  });
  const controller = new AbortController();
  const call = workflow.call("stuck", {}, { signal: controller.signal });
  await call.begun;
  const [killed] = workflow.runner.stats().pids;
  controller.abort();
  await call.outcome;
  const { pids } = workflow.runner.stats();
  assert.equal(pids.length, 1);
  assert.notEqual(pids[0], killed);
});
