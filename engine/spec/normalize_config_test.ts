import assert from "node:assert/strict";
import { parseWorkflow } from "./mod.ts";

Deno.test("config.fail_fast: false is read, and true is what a workflow has anyway", async () => {
  assert.equal((await read("fail_fast: false"))?.config.failFast, false);
  assert.equal((await read("fail_fast: true"))?.config.failFast, undefined);
  assert.equal((await read("retries: 1"))?.config.failFast, undefined);
  assert.equal(await read("fail_fast: maybe"), undefined);
});

async function read(line: string) {
  const nodes = "nodes: { b: { path: ./b.ts } }";
  return (await parseWorkflow(`name: a\nversion: "1.0"\n${nodes}\nconfig: { ${line} }\n`)).spec;
}
