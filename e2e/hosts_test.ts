import assert from "node:assert/strict";
import { serve } from "../engine/server/mod.ts";
import { openWorkflow } from "../engine/workflow/mod.ts";
import { withFolder } from "./_engine_process.ts";
import { useOwnData } from "./_own_data.ts";
import { childrenOf, runs, untilGone } from "./_processes.ts";

useOwnData();

const PD = new URL("../pd", import.meta.url).pathname;
/** Ends the wait for something that never comes; what is measured is in `bench/`. */
const WATCHDOG_MS = 20_000;

Deno.test("a busy host is gone within a second of its engine's SIGKILL", async () => {
  await withFolder({
    "workflow.yaml": `name: busy
version: "1.0"
nodes:
  spin: { path: ./spin.ts, timeout: 60s }
`,
    "spin.ts": `export default async () => {
  console.log("spinning");
  await new Promise((resolve) => setTimeout(resolve, 1));
  while (true);
};
`,
  }, async (dir) => {
    const pd = new Deno.Command(PD, {
      args: ["run", dir],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    for await (const text of pd.stderr.pipeThrough(new TextDecoderStream())) {
      if (text.includes("spinning")) break;
    }
    const hosts = await childrenOf(pd.pid);
    assert.ok(hosts.length > 0, "the node runs in a process of its own");
    pd.kill("SIGKILL");
    await pd.status;
    await untilGone(hosts, 1_000);
  });
});

/** What a node does that only its timeout ends, or that ends its host by itself. */
const RUNAWAYS: readonly { does: string; source: string; code: string; memory?: string }[] = [
  {
    does: "while (true) {}",
    source: `export default () => { while (true) {} };`,
    code: "NODE_TIMEOUT",
  },
  {
    does: "a catastrophic regular expression",
    source: `export default () => /^(a+)+$/.test("a".repeat(40) + "b");`,
    code: "NODE_TIMEOUT",
  },
  {
    does: "a heap that grows for ever",
    source:
      `export default () => { const all: unknown[] = []; for (;;) all.push({ n: all.length, text: "x".repeat(64) + all.length }); };`,
    code: "NODE_MEMORY",
    memory: "128Mi",
  },
  {
    does: "ArrayBuffers that grow for ever",
    source:
      `export default () => { const all: unknown[] = []; for (;;) all.push(new Uint8Array(4_000_000).fill(1)); };`,
    code: "NODE_MEMORY",
    memory: "128Mi",
  },
  {
    does: "raw bytes on the channel of its host",
    source: `import net from "node:net";
export default async () => {
  for (let fd = 3; fd < 40; fd++) {
    try {
      new net.Socket({ fd, writable: true }).on("error", () => {}).write("these are no frames at all\\n");
    } catch {
      // That descriptor is something else.
    }
  }
  await new Promise((resolve) => setTimeout(resolve, 60_000));
};`,
    code: "NODE_PROTOCOL",
  },
];

for (const { does, source, code, memory } of RUNAWAYS) {
  Deno.test(`${does} ends as ${code}; /health answers all along, the sibling finishes by a new attempt, no process is left`, async () => {
    const timeout = code === "NODE_TIMEOUT" ? "500ms" : "20s";
    const rights = memory === undefined ? "" : `, memory: ${memory}`;
    await withFolder({
      "workflow.yaml": `name: runaway
version: "1.0"
nodes:
  runaway: { path: ./runaway.ts, timeout: ${timeout}, allow_failure: true${rights} }
  a-sibling: { path: ./sibling.ts, timeout: 20s${rights} }
`,
      "runaway.ts": source,
      // Its name makes it begin first. It waits for nothing the first time but its host's end; alone it is done at once.
      "sibling.ts": `export default async (ctx: { run: { attempt: number } }) => {
  if (ctx.run.attempt === 1) await new Promise((resolve) => setTimeout(resolve, 15_000));
  return "done in attempt " + ctx.run.attempt;
};`,
    }, async (dir) => {
      await using workflow = await openWorkflow({ dir, maxHosts: 1 });
      await workflow.ready();
      await using server = serve(workflow, { port: 0, host: "127.0.0.1" });
      const before = workflow.stats().pids;
      const answer = fetch(`${server.url}/run`, { method: "POST" }).then((r) => r.json());
      let isOver = false;
      answer.finally(() => isOver = true);
      let healthy = 0;
      while (!isOver) {
        const response = await fetch(`${server.url}/health`);
        await response.body?.cancel();
        assert.equal(response.status, 200);
        healthy++;
      }
      const result = await answer;
      assert.equal(result.status, "succeeded", JSON.stringify(result));
      assert.match(result.errors.runaway, new RegExp(`^${code}: `));
      assert.match(result.outputs["a-sibling"], /^done in attempt [2-9]$/);
      assert.ok(result.timing.nodeTimings["a-sibling"].attempts >= 2);
      assert.ok(healthy > 10, `/health answered ${healthy} times`);
      for (const pid of before) assert.equal(await runs(pid), false, "the first host is gone");
      const after = workflow.stats().pids;
      await server.shutdown();
      await workflow[Symbol.asyncDispose]();
      await untilGone([...before, ...after], WATCHDOG_MS);
    });
  });
}
