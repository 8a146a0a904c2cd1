import assert from "node:assert/strict";
import { createRedactor } from "../context/mod.ts";
import { memoryTasks, type NodeCall } from "../executor/mod.ts";
import { ContainersOnDemand } from "./containers_on_demand.ts";
import { HostPool } from "./host_pool.ts";
import { TestWorkflow } from "./_test_workflow.ts";

Deno.test("a pool whose hosts cannot be started says so to whoever waits, and tries again later", async () => {
  await using pool = new HostPool({
    launch: {
      // Nobody can listen there, so that starting a host throws.
      socketDir: "/nowhere/at/all",
      flags: () => [],
      memoryBytes: 0,
      maxPayloadBytes: 0,
      redactor: () => createRedactor({}),
      init: {
        workflow: "test",
        version: "1.0",
        folderUrl: "file:///nowhere/",
        nodes: [],
        services: {},
        secrets: {},
        maxOutputBytes: 0,
        http: "live",
      },
    },
    http: { kind: "live" },
    containers: new ContainersOnDemand(undefined),
    maxHosts: 2,
    isUnchanged: () => Promise.resolve(true),
    onWarning: () => {},
  });
  for (let time = 0; time < 2; time++) {
    pool.warm(2);
    await assert.rejects(pool.ready(), /No such file/);
    const outcome = await pool.run(aCall());
    assert.equal(outcome.status === "failed" && outcome.error.code, "HOST_START_FAILED");
  }
  assert.equal(pool.calls, 0);
});

Deno.test("a pool that was ready stays so when a later host cannot be started", async () => {
  await using workflow = await TestWorkflow.open({
    nodes: {
      wait: {
        source: `export default (ctx) => new Promise((_, no) =>
          ctx.signal.addEventListener("abort", () => no(ctx.signal.reason)));`,
      },
    },
    maxHosts: 2,
    isWarm: true,
  });
  const controller = new AbortController();
  const first = workflow.call("wait", {}, { signal: controller.signal });
  await first.begun;
  // A host that cannot read its configuration dies before it is ready.
  await Deno.writeTextFile(configOf(workflow), "{");
  const outcome = await workflow.call("wait").outcome;
  assert.equal(outcome.status === "failed" && outcome.error.code, "HOST_START_FAILED");
  await workflow.runner.ready();
  controller.abort();
  assert.deepEqual(await first.outcome, { status: "cancelled" });
});

/** The generated configuration that its hosts start with. */
function configOf(workflow: TestWorkflow): string {
  const [pid] = workflow.runner.stats().pids;
  const flags = Deno.readTextFileSync(`/proc/${pid}/cmdline`).split("\0");
  return flags.find((flag) => flag.startsWith("--config="))?.slice("--config=".length) ?? "";
}

function aCall(): NodeCall {
  return {
    node: { id: "it" } as NodeCall["node"],
    attempt: 1,
    input: {},
    run: { id: "run-1", workflow: "test", version: "1.0", trigger: {} },
    signal: new AbortController().signal,
    exclusive: false,
    tasks: memoryTasks(),
    onBegin: () => {},
    onLog: () => {},
  };
}
