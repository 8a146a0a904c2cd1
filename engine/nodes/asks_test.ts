import assert from "node:assert/strict";
import { CodedError } from "../errors/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import { type FakeAsk, FakeContainers, untilEnded } from "./_fake_containers.ts";
import { errorOf, TestWorkflow } from "./_test_workflow.ts";

const DONE = { exitCode: 0, stdout: "out", stderr: "" };

for (const isolation of ["process", "none"] as const) {
  Deno.test(`ctx.process.run asks the engine with isolation: ${isolation}, and hands on its answer`, async () => {
    const { containers, workflow } = await open({
      it: `return await ctx.process.run({
        command: "npm", args: ["ci"], env: { A: "1" }, cwd: "web", stdin: "y", timeout: "1m30s",
        stdout_level: "debug",
      })`,
    }, isolation);
    await using _ = workflow;
    containers.answer = () => DONE;
    assert.deepEqual(await workflow.output("it"), DONE);
    assert.deepEqual(containers.asks.map(({ method, params }) => [method, params]), [[
      "process.run",
      {
        command: "npm",
        args: ["ci"],
        env: { A: "1" },
        cwd: "web",
        stdin: "y",
        timeoutMs: 90_000,
        stdoutLevel: "debug",
        stderrLevel: "warn",
      },
    ]]);
    assert.equal(containers.asks[0]?.call.node.id, "it");
  });

  Deno.test(`a command that fails fails its node with isolation: ${isolation}, exit code and all`, async () => {
    const { containers, workflow } = await open({
      checked: `await ctx.process.run({ command: "make" })`,
      unchecked: `return (await ctx.process.run({ command: "make", check: false })).exitCode`,
    }, isolation);
    await using _ = workflow;
    containers.answer = () => ({ exitCode: 7, stdout: "", stderr: "a\nno rule\nto make\n" });
    const outcome = await workflow.call("checked").outcome;
    const { code, message, exitCode } = errorOf(outcome);
    assert.deepEqual([code, exitCode], ["PROCESS_FAILED", 7]);
    assert.match(message, /it is 7\na\nno rule\nto make$/);
    assert.deepEqual(outcome.status === "failed" && outcome.retry, { kind: "policy" });
    assert.equal(await workflow.output("unchecked"), 7);
  });

  Deno.test(`the innermost ctx.container.run counts, and branches are apart, with isolation: ${isolation}`, async () => {
    const { containers, workflow } = await open({
      it: `
        const image = async () => (await ctx.process.run({ command: "x" })).stdout;
        const inner = () => ctx.container.run("inner", image);
        return [
          await image(),
          ...await Promise.all([
            ctx.container.run("a", async () => [await image(), await inner(), await image()]),
            ctx.container.run("b", async () => [await inner(), await image()]),
          ]),
          await image(),
        ].flat()`,
    }, isolation);
    await using _ = workflow;
    containers.answer = ({ params }) => ({ ...DONE, stdout: imageOf(params) });
    const images = ["none", "a", "inner", "a", "inner", "b", "none"];
    assert.deepEqual(await workflow.output("it"), images);
  });

  Deno.test(`an error of the engine is the node's with isolation: ${isolation}`, async () => {
    const { containers, workflow } = await open({
      it: `await ctx.process.run({ command: "x" })`,
    }, isolation);
    await using _ = workflow;
    containers.answer = () => {
      throw new CodedError("NOT_AVAILABLE", "no docker", { fix: "start it" });
    };
    const { code, message, fix } = await workflow.failure("it");
    assert.deepEqual([code, message, fix], ["NOT_AVAILABLE", "no docker", "start it"]);
  });

  Deno.test(`what a call asked for ends when the node returns, with isolation: ${isolation}`, async () => {
    const { containers, workflow } = await open({
      it:
        `ctx.process.run({ command: "x" }).catch(() => {}); return await ctx.process.run({ command: "y" })`,
    }, isolation);
    await using _ = workflow;
    const ended = Promise.withResolvers<void>();
    containers.answer = (ask) => {
      if (commandOf(ask.params) === "y") return DONE;
      ask.signal.addEventListener("abort", () => ended.resolve());
      return untilEnded(ask);
    };
    assert.deepEqual(await workflow.output("it"), DONE);
    await ended.promise;
  });

  Deno.test(`what a call asked for ends when it is stopped, with isolation: ${isolation}`, async () => {
    const { containers, workflow } = await open({
      it: `await ctx.process.run({ command: "x" })`,
    }, isolation);
    await using _ = workflow;
    const stop = new AbortController();
    containers.answer = (ask) => {
      queueMicrotask(() => stop.abort());
      return untilEnded(ask);
    };
    const { outcome } = workflow.call("it", {}, { signal: stop.signal });
    assert.deepEqual(await outcome, { status: "cancelled" });
    assert.equal(containers.asks[0]?.signal.aborted, true);
  });
}

Deno.test("what a call asked for ends with its host", async () => {
  const { containers, workflow } = await open({
    it: `ctx.process.run({ command: "x" }); await new Promise(() => {})`,
  });
  await using _ = workflow;
  const asked = Promise.withResolvers<FakeAsk>();
  containers.answer = (ask) => {
    asked.resolve(ask);
    return untilEnded(ask);
  };
  const { outcome } = workflow.call("it");
  const { signal } = await asked.promise;
  Deno.kill(workflow.onlyHost(), "SIGKILL");
  assert.equal(errorOf(await outcome).code, "NODE_CRASHED");
  assert.equal(signal.aborted, true);
});

Deno.test("a runner without containers says so, and one that is asked for nothing opens none", async () => {
  await using without = await TestWorkflow.open({
    nodes: { it: { source: body(`await ctx.process.run({ command: "x" })`) } },
  });
  assert.equal((await without.failure("it")).code, "NOT_AVAILABLE");
  const { containers, workflow } = await open({ it: "return 1" });
  await workflow.output("it");
  await workflow.runner.endRun("run-1");
  await workflow[Symbol.asyncDispose]();
  assert.deepEqual([containers.opened, containers.endedRuns], [0, []]);
});

Deno.test("a runner ends runs in containers that were opened, and closes them with itself", async () => {
  const { containers, workflow } = await open({ it: `await ctx.process.run({ command: "x" })` });
  containers.answer = () => DONE;
  await workflow.output("it");
  await workflow.output("it");
  await workflow.runner.endRun("run-1");
  assert.deepEqual([containers.opened, containers.endedRuns], [1, ["run-1"]]);
  await workflow[Symbol.asyncDispose]();
  assert.equal(containers.isDisposed, true);
});

Deno.test("an answer that is too large for the channel is an error of the node", async () => {
  const { containers, workflow } = await open({ it: `await ctx.process.run({ command: "x" })` });
  await using _ = workflow;
  containers.answer = () => ({ ...DONE, stdout: "x".repeat(20 * 1024 * 1024) });
  assert.equal((await workflow.failure("it")).code, "NODE_OUTPUT_TOO_LARGE");
});

Deno.test("a question that is too large for the channel is an error of the node, which goes on", async () => {
  const { workflow } = await open({
    it: `return await ctx.process.run({ command: "x", stdin: "ü".repeat(9 * 1024 * 1024) })
      .catch((error) => error.code)`,
  });
  await using _ = workflow;
  assert.equal(await workflow.output("it"), "ASK_REFUSED");
});

async function open(
  nodes: { readonly [id: string]: string },
  isolation: "process" | "none" = "process",
): Promise<{ readonly containers: FakeContainers; readonly workflow: TestWorkflow }> {
  const containers = new FakeContainers();
  const workflow = await TestWorkflow.open({
    nodes: Object.fromEntries(
      Object.entries(nodes).map(([id, text]) => [id, { source: body(text), isolation }]),
    ),
    containers: containers.open,
    isWarm: true,
  });
  return { containers, workflow };
}

function body(text: string): string {
  return `export default async function run(ctx, input) { ${text} }\n`;
}

function imageOf(params: JsonValue): string {
  return (params as { readonly image?: string }).image ?? "none";
}

function commandOf(params: JsonValue): string {
  return (params as { readonly command: string }).command;
}
