import assert from "node:assert/strict";
import { FakeClock } from "../clock/mod.ts";
import { flow, withRegistry } from "./_test_registry.ts";
import type { Registry } from "./registry.ts";

const PIPELINE = "pipelines: {built: {tasks: {only: {script: ['true']}}}}\n";

/** Resolves when the registry has changed so that the names are these. */
async function untilNamed(registry: Registry, names: readonly string[]): Promise<void> {
  while (registry.list().map(({ name }) => name).join() !== names.join()) {
    await nextChange(registry);
  }
}

function nextChange(registry: Registry): Promise<void> {
  return new Promise((resolve) => {
    const stop = registry.onChange(() => {
      stop();
      resolve();
    });
  });
}

Deno.test("a registry that watches sees what comes, changes and goes, in new folders too", () =>
  withRegistry(flow("a", { answer: "1" }), async ({ path, open, write }) => {
    const registry = await open({ watch: true, pattern: "**/pipelines.yml" });
    await write(flow("new/er/b"));
    await untilNamed(registry, ["a", "b"]);
    await write({ "new/pipelines.yml": PIPELINE });
    await untilNamed(registry, ["a", "b", "built"]);
    const reloaded = nextChange(registry);
    await write({ "a/only.ts": flow("a", { answer: "22" })["a/only.ts"] });
    await reloaded;
    assert.equal(registry.get("a")?.workflow.current.version, 2);
    await Deno.rename(`${path}/new`, `${path}/.away`);
    await untilNamed(registry, ["a"]);
    await Deno.rename(`${path}/.away`, `${path}/back`);
    await untilNamed(registry, ["a", "b", "built"]);
  }));

Deno.test("a secret that changes reloads what may use it", () =>
  withRegistry(
    { ...flow("a", { answer: "ctx.secrets" }), "a/.secrets/x.json": `{"key": "one-secret"}` },
    async ({ path, open, write }) => {
      const shared = `${path}/.shared.yaml`;
      await Deno.writeTextFile(shared, "y: {key: two-secret}\n");
      const registry = await open({ watch: true });
      const reloaded = nextChange(registry);
      await write({ "a/.secrets/x.json": `{"key": "other-secret"}` });
      await reloaded;
      assert.equal(registry.get("a")?.workflow.redact("other-secret"), "***");
      const other = await open({ watch: true, settings: { secretsPath: shared } });
      assert.equal(other.get("a")?.workflow.redact("two-secret"), "***");
      const again = nextChange(other);
      await Deno.writeTextFile(shared, "y: {key: third-secret}\n");
      await again;
      assert.equal(other.get("a")?.workflow.redact("third-secret"), "***");
    },
  ));

Deno.test("a registry that polls finds by and by what nobody told it", async () => {
  const clock = new FakeClock(1_000);
  await withRegistry(flow("a"), async ({ open, write }) => {
    const registry = await open({ pollIntervalMs: 30_000 });
    await write(flow("b"));
    await clock.advance(29_000);
    assert.equal(registry.get("b"), undefined);
    const changed = nextChange(registry);
    await clock.advance(1_000);
    await changed;
    assert.equal(registry.get("b")?.name, "b");
    await registry[Symbol.asyncDispose]();
    assert.equal(clock.pending, 0, "nothing waits once it is closed");
  }, clock);
});
