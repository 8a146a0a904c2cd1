import assert from "node:assert/strict";
import { openWorkflow } from "../workflow/mod.ts";
import { flow, withRegistry } from "./_test_registry.ts";
import { registryOf } from "./registry_of.ts";

Deno.test("registryOf() is a registry of one workflow, which stays open after it", () =>
  withRegistry(flow("a", { answer: "1" }), async ({ path, storage, write }) => {
    await using workflow = await openWorkflow({ dir: `${path}/a`, storage });
    const seen: string[] = [];
    {
      await using registry = registryOf(workflow);
      registry.subscribe((event, { name }) => void seen.push(`${name} ${event.kind}`));
      registry.onChange(() => void seen.push("changed"));
      assert.deepEqual(registry.list().map(({ name }) => name), ["a"]);
      assert.equal(registry.get("b"), undefined);
      const run = await registry.get("a")?.workflow.start();
      await run?.result;
      assert.equal((await registry.findRun(run?.id ?? ""))?.entry, registry.get("a"));
      assert.equal(await registry.findRun("unknown"), undefined);
      await write({ "a/workflow.yaml": "name: [" });
      await registry.reload();
      assert.match(registry.problems()[0]?.message ?? "", /Cannot open/);
      assert.equal(registry.problems()[0]?.place, `${path}/a`);
      assert.equal(registry.isDraining, false);
    }
    assert.equal(seen[0], "a run.started");
    assert.equal(seen.at(-1), "changed");
    const run = await workflow.start();
    assert.equal((await run.result).status, "succeeded");
  }));

Deno.test("registryOf() drains its workflow", () =>
  withRegistry(flow("a"), async ({ path, storage }) => {
    await using workflow = await openWorkflow({ dir: `${path}/a`, storage });
    const registry = registryOf(workflow);
    await registry.drain({ graceMs: 0, queued: "keep" });
    assert.equal(registry.isDraining, true);
    await assert.rejects(workflow.start(), { code: "DRAINING" });
  }));
