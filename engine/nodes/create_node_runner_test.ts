import assert from "node:assert/strict";
import { errorOf, TestWorkflow } from "./_test_workflow.ts";

Deno.test("a node gets its input, configuration and run", async () => {
  await using workflow = await TestWorkflow.open({
    nodes: {
      it: {
        source:
          `export default (ctx, input) => ({ input, config: ctx.config, run: ctx.run, frozen: Object.isFrozen(ctx.config) });`,
        config: { own: [1, 2] },
      },
    },
  });
  assert.deepEqual(
    await workflow.output("it", { text: "é😀\u2028", deep: { a: [null, true, 1.5] } }),
    {
      input: { text: "é😀\u2028", deep: { a: [null, true, 1.5] } },
      config: { shared: "yes", own: [1, 2] },
      run: {
        id: "run-1",
        workflow: "test",
        version: "1.0",
        node: "it",
        attempt: 1,
        trigger: { type: "manual" },
      },
      frozen: true,
    },
  );
});

Deno.test("a node's error says what caused it, when its message does not", async () => {
  await using workflow = await TestWorkflow.open({
    nodes: {
      silent: {
        source:
          `export default () => { throw new TypeError("fetch failed", { cause: new Error("no such host") }); };`,
      },
      clear: {
        source:
          `export default () => { throw new Error("no such host: a.example", { cause: new Error("no such host") }); };`,
      },
    },
  });
  const silent = await workflow.call("silent").outcome;
  assert.equal(errorOf(silent).message, "TypeError: fetch failed: no such host");
  const clear = await workflow.call("clear").outcome;
  assert.equal(errorOf(clear).message, "no such host: a.example");
});

Deno.test("a module that cannot be parsed tells its place once", async () => {
  await using workflow = await TestWorkflow.open({
    nodes: { broken: { source: `export default function( {` } },
  });
  const { message, stack } = errorOf(await workflow.call("broken").outcome);
  assert.equal(`${message}\n${stack ?? ""}`.split("./nodes/broken.ts:1:").length, 2);
});

Deno.test("a node that throws tells its place in the workflow folder, and whether to try again", async () => {
  await using workflow = await TestWorkflow.open({
    nodes: {
      plain: { source: `export default () => {\n  throw new TypeError("broken");\n};` },
      terminal: {
        source:
          `import { TerminalError } from "pipedreamer";\nexport default () => { throw new TerminalError("enough"); };`,
      },
      later: {
        source:
          `import { RetryableError } from "pipedreamer";\nexport default () => { throw new RetryableError("later", { after: "1m30s" }); };`,
      },
    },
  });
  const plain = await workflow.call("plain").outcome;
  assert.equal(errorOf(plain).message, "TypeError: broken");
  assert.match(errorOf(plain).stack ?? "", /\.\/nodes\/plain\.ts:2:9/);
  const terminal = await workflow.call("terminal").outcome;
  assert.deepEqual(terminal.status === "failed" && terminal.retry, { kind: "never" });
  assert.equal(errorOf(terminal).code, "NODE_TERMINAL");
  const later = await workflow.call("later").outcome;
  assert.deepEqual(later.status === "failed" && later.retry, { kind: "after", delayMs: 90_000 });
});
