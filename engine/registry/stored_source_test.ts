import assert from "node:assert/strict";
import { openWorkflow } from "../workflow/mod.ts";
import { layOut } from "../pipelines/mod.ts";
import type { Storage } from "../storage/mod.ts";
import { flow, withRegistry } from "./_test_registry.ts";
import { keyedEntries } from "./keyed_entries.ts";
import type { OpenRegistry } from "./opened_registry.ts";

function put(storage: Storage, name: string, answer: string, spoil = ""): Promise<unknown> {
  const files = Object.entries(flow(name, { answer }))
    .map(([path, text]) => [path.slice(name.length + 1), `${text}${spoil}`]);
  return storage.putWorkflow({
    name,
    kind: "workflow",
    driver: undefined,
    source: "/somewhere",
    files: Object.fromEntries(files),
    createdAt: 1,
  });
}

async function answerOf(registry: OpenRegistry, name: string): Promise<unknown> {
  const run = await registry.get(name)?.workflow.start();
  return (await run?.result)?.outputs["only"];
}

Deno.test("stored workflows are open by their names, with the key that pd run gives their runs", () =>
  withRegistry({}, async ({ path, storage, open }) => {
    await put(storage, "kept", "1");
    const stored = { dataDir: `${path}/.data` };
    const registry = await open({ stored });
    assert.deepEqual(registry.get("kept")?.origin, { kind: "stored", place: "kept" });
    assert.equal(await answerOf(registry, "kept"), 1);
    const version = await storage.getWorkflow("kept");
    assert.ok(version !== undefined);
    await using byName = await openWorkflow({
      dir: await layOut(version, stored.dataDir),
      storage,
    });
    assert.equal(registry.get("kept")?.workflow.workflowKey, byName.workflowKey);
    assert.equal((await byName.runs()).length, 1);
  }));

Deno.test("a new version of a stored workflow takes the place of the old, unless it is broken", () =>
  withRegistry({}, async ({ path, storage, open }) => {
    await put(storage, "kept", "1");
    const registry = await open({ stored: { dataDir: `${path}/.data` } });
    const first = registry.get("kept");
    await put(storage, "kept", "2", "nonsense: [");
    await registry.reload();
    assert.equal(registry.get("kept"), first);
    assert.equal(registry.problems()[0]?.place, "kept");
    assert.equal(await answerOf(registry, "kept"), 1);
    await put(storage, "kept", "3");
    await registry.reload();
    assert.deepEqual(registry.problems(), []);
    assert.equal(await answerOf(registry, "kept"), 3);
    await storage.removeWorkflow("kept");
    await registry.reload();
    assert.deepEqual(registry.list(), []);
  }));

Deno.test("runs of earlier versions of a stored workflow are found, listed and tried again", () =>
  withRegistry({}, async ({ path, storage, open }) => {
    await put(storage, "kept", "1");
    const stored = { dataDir: `${path}/.data` };
    const registry = await open({ stored });
    const first = await registry.get("kept")?.workflow.start();
    await first?.result;
    await put(storage, "kept", "2");
    await registry.reload();
    const second = await registry.get("kept")?.workflow.start();
    await second?.result;
    await registry[Symbol.asyncDispose]();
    const ids = [second?.id ?? "", first?.id ?? ""];
    const later = await open({ stored });
    const kept = later.get("kept")?.workflow;
    assert.deepEqual((await kept?.runs())?.map(({ runId }) => runId), ids);
    for (const id of ids) assert.equal((await later.findRun(id))?.run.id, id);
    const workflowKeys = [...keyedEntries(later.list()).keys()];
    const listed = await storage.listRuns({ workflowKeys, limit: 9 });
    assert.deepEqual(listed.map(({ runId }) => runId), ids);
    const again = await kept?.retry(ids[1] ?? "");
    assert.equal((await again?.result)?.outputs["only"], 2);
  }));

Deno.test("a folder's workflow comes before a stored one of its name", () =>
  withRegistry(flow("kept", { answer: "'folder'" }), async ({ path, storage, open }) => {
    await put(storage, "kept", "'stored'");
    const registry = await open({ stored: { dataDir: `${path}/.data` } });
    assert.equal(await answerOf(registry, "kept"), "folder");
    assert.match(registry.problems()[0]?.message ?? "", /ALREADY_EXISTS/);
  }));
