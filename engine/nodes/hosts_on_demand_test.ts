import assert from "node:assert/strict";
import { isAlive, TestWorkflow } from "./_test_workflow.ts";

const ECHO = { echo: { source: `export default (ctx, input) => ({ input, pid: Deno.pid });` } };

Deno.test("on demand no host runs before a call needs one, nor after the last had nothing to do", async () => {
  await using workflow = await TestWorkflow.open({
    nodes: ECHO,
    hosts: "on_demand",
    lastIdleMs: 100,
  });
  const { runner } = workflow;
  await runner.ready();
  assert.equal(runner.stats().hosts, 0);
  for (const n of [1, 2]) {
    const output = await workflow.output("echo", n);
    assert.deepEqual(output, { input: n, pid: workflow.onlyHost() });
    const pid = workflow.onlyHost();
    while (runner.stats().hosts > 0) await nextTurn();
    assert.ok(!isAlive(pid));
  }
});

Deno.test("a host on demand that was killed comes back with the next call, and not before", async () => {
  await using workflow = await TestWorkflow.open({ nodes: ECHO, hosts: "on_demand" });
  await workflow.output("echo");
  const pid = workflow.onlyHost();
  Deno.kill(pid, "SIGKILL");
  while (workflow.runner.stats().hosts > 0) await nextTurn();
  assert.equal((await workflow.call("echo").outcome).status, "succeeded");
  assert.notEqual(workflow.onlyHost(), pid);
});

Deno.test("on demand a call tells that its module cannot be loaded", async () => {
  await using workflow = await TestWorkflow.open({
    nodes: { broken: { source: `import "./gone.ts"; export default () => 1;` } },
    hosts: "on_demand",
  });
  await workflow.runner.ready();
  assert.equal((await workflow.failure("broken")).code, "NODE_INVALID");
});

Deno.test("what keeps hosts on demand from being opened is the failure of a call, until it is mended", async () => {
  const source = (from: string) => `import { x } from "${from}"; export default () => x;`;
  await using workflow = await TestWorkflow.open({
    nodes: { it: { source: source("no-such-package") } },
    files: { "nodes/x.ts": "export const x = 1;" },
    hosts: "on_demand",
  });
  assert.equal((await workflow.failure("it")).code, "DEPENDENCY_UNAVAILABLE");
  await Deno.writeTextFile(`${workflow.dir}/nodes/it.ts`, source("./x.ts"));
  assert.equal(await workflow.output("it"), 1);
});

Deno.test("a path that no host may be granted is refused at once, on demand too", async () => {
  const opened = TestWorkflow.open({
    nodes: { it: { source: "export default () => 1;", permissions: { read: ["/tmp/a,b"] } } },
    hosts: "on_demand",
  });
  await assert.rejects(opened, { code: "SPEC_VALUE" });
});

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 10));
}
