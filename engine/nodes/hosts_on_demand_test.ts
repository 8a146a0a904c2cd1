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

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 10));
}
