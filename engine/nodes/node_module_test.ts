import assert from "node:assert/strict";
import type { CodedError } from "../errors/mod.ts";
import { TestWorkflow } from "./_test_workflow.ts";

const BROKEN: readonly { what: string; source: string; message: RegExp }[] = [
  {
    what: "no default export",
    source: `export const run = 1;`,
    message: /default export must be a function: it has none/,
  },
  {
    what: "a default export that is no function",
    source: `export default { run() {} };`,
    message: /it is object/,
  },
  { what: "a syntax error", source: `export default function ( {`, message: /nodes\/it\.ts:1:/ },
  {
    what: "an error at its top level",
    source: `throw new Error("at load");\nexport default () => 1;`,
    message: /at load/,
  },
  {
    what: "an import that does not exist",
    source: `import "./missing.ts";\nexport default () => 1;`,
    message: /missing\.ts/,
  },
];

for (const { what, source, message } of BROKEN) {
  Deno.test(`a module with ${what} is NODE_INVALID at load and when called, and names the file`, async () => {
    await using workflow = await TestWorkflow.open({
      nodes: { it: { source }, fine: { source: `export default () => 1;` } },
    });
    await assert.rejects(workflow.runner.ready(), (error: CodedError) => {
      assert.equal(error.code, "NODE_INVALID");
      assert.match(error.message, message);
      assert.match(error.message, /it\.ts|"it"/);
      return true;
    });
    assert.equal((await workflow.failure("it")).code, "NODE_INVALID");
    assert.equal(await workflow.output("fine"), 1);
  });
}

Deno.test("a module with a package of npm is loaded from the cache, which is filled first", async () => {
  await using workflow = await TestWorkflow.open({
    nodes: {
      inline: {
        source: `import pc from "npm:picocolors@1.1.1"; export default () => typeof pc.red;`,
        permissions: {},
      },
      mapped: {
        source: `import pc from "colours"; export default () => typeof pc.red;`,
        permissions: {},
      },
      local: { source: `import { x } from "lib/x.ts"; export default () => x;`, permissions: {} },
    },
    files: {
      "deno.jsonc":
        `{ // comments are fine\n "imports": { "colours": "npm:picocolors@1.1.1", "lib/": "./lib/", }, }`,
      "lib/x.ts": `export const x: number = 7;`,
    },
  });
  assert.equal(await workflow.output("inline"), "function");
  assert.equal(await workflow.output("mapped"), "function");
  assert.equal(await workflow.output("local"), 7);
});
