import assert from "node:assert/strict";
import { type Clock, systemClock } from "../clock/mod.ts";
import { flow, withRegistry } from "./_test_registry.ts";
import type { Registry } from "./registry.ts";

const PATTERN = "**/pipelines.{yml,yaml}";

function pipelines(scripts: { readonly [name: string]: string }): string {
  return `pipelines:\n${
    Object.entries(scripts).map(([name, script]) =>
      `  ${name}:\n    tasks:\n      only:\n        script:\n          - ${script}\n`
    ).join("")
  }`;
}

function names(registry: Registry): readonly string[] {
  return registry.list().map(({ name }) => name);
}

Deno.test("each pipeline of every pipelines.yml is a workflow, whose scripts run in the given folder", () =>
  withRegistry({
    "pipelines.yml": pipelines({ here: "pwd > here.txt", other: "exit 3" }),
    "deep/er/pipelines.yaml": pipelines({ deep_one: "true" }),
    "node_modules/x/pipelines.yml": pipelines({ not_ours: "true" }),
    "deep/other.yml": pipelines({ neither: "true" }),
    "scripts/.keep": "",
  }, async ({ path, open }) => {
    const registry = await open({ pattern: PATTERN, scriptsDir: `${path}/scripts` });
    assert.deepEqual(names(registry), ["deep_one", "here", "other"]);
    const here = registry.get("here");
    assert.deepEqual(here?.origin, { kind: "pipelines", place: `${path}/pipelines.yml` });
    assert.equal(here?.workflow.workflowKey, "pipelines:here");
    const results = ["here", "other", "deep_one"].map(async (name) => {
      const run = await registry.get(name)?.workflow.start();
      return (await run?.result)?.status;
    });
    assert.deepEqual(await Promise.all(results), ["succeeded", "failed", "succeeded"]);
    assert.equal(await Deno.readTextFile(`${path}/scripts/here.txt`), `${path}/scripts\n`);
  }));

Deno.test("a pattern that names a hidden folder is looked for there", () =>
  withRegistry({
    ".ci/pipelines.yml": pipelines({ hidden: "true" }),
    ".ci/a/build.yml": pipelines({ built: "true" }),
  }, async ({ open }) => {
    assert.deepEqual(names(await open({ pattern: ".ci/pipelines.yml" })), ["hidden"]);
    assert.deepEqual(names(await open({ pattern: "./.ci/**/*.yml" })), ["built", "hidden"]);
    assert.deepEqual(names(await open({ pattern: "gone/*.yml" })), []);
  }));

Deno.test("a broken pipelines.yml stops the start, and says all that is wrong", () =>
  withRegistry({
    "a/pipelines.yml": pipelines({ same: "true" }),
    "b/pipelines.yml": pipelines({ same: "true" }) +
      "        depends_on: [gone]\n",
  }, async ({ path, open }) => {
    await assert.rejects(open({ pattern: PATTERN }), (error: unknown) => {
      const { code, diagnostics } = error as {
        code: string;
        diagnostics: readonly { message: string }[];
      };
      assert.equal(code, "PIPELINES_INVALID");
      const messages = diagnostics.map(({ message }) => message).join("\n");
      assert.ok(
        messages.includes(`pipeline "same" was already declared in ${path}/a/pipelines.yml`),
      );
      assert.ok(messages.includes(`missing task "gone" referenced in depends_on of task "only"`));
      return true;
    });
  }));

Deno.test("while a pipelines.yml is broken, every pipeline stays as it was", () =>
  withRegistry({
    "a/pipelines.yml": pipelines({ one: "true" }),
    "b/pipelines.yml": pipelines({ two: "true" }),
  }, async ({ path, open, write }) => {
    const registry = await open({ pattern: PATTERN });
    const one = registry.get("one")?.workflow;
    await write({
      "a/pipelines.yml": pipelines({ one: "exit 1", three: "true" }),
      "b/pipelines.yml": "pipelines: {two: {concurrency: -1, tasks: {}}}\n",
    });
    await registry.reload();
    assert.deepEqual(names(registry), ["one", "two"]);
    assert.equal(one?.current.version, 1);
    const [problem] = registry.problems();
    assert.equal(problem?.place, `${path}/b/pipelines.yml`);
    assert.match(problem?.message ?? "", /concurrency must be greater than 0/);
    await write({ "b/pipelines.yml": undefined });
    await registry.reload();
    assert.deepEqual(names(registry), ["one", "three"]);
    assert.deepEqual(registry.problems(), []);
    assert.equal(one?.current.version, 2);
    const run = await one?.start();
    assert.equal((await run?.result)?.status, "failed");
  }));

Deno.test("what has not changed is not loaded again", () =>
  withRegistry({ "pipelines.yml": pipelines({ one: "true", two: "true" }) }, async (test) => {
    const registry = await test.open({ pattern: PATTERN });
    await test.write({ "pipelines.yml": `# edited\n${pipelines({ one: "true", two: "false" })}` });
    await registry.reload();
    const versions = registry.list().map(({ workflow }) => workflow.current.version);
    assert.deepEqual(versions, [1, 2]);
  }));

Deno.test("runs of a pipeline whose file is away for less than an hour are kept, and so are all of an empty folder", () =>
  withRegistry(
    { "pipelines.yml": pipelines({ one: "true" }) },
    async ({ storage, open, write }) => {
      const time = { shift: 0 };
      const registry = await open({ pattern: PATTERN, clock: shifted(time) });
      const run = await registry.get("one")?.workflow.start();
      await run?.result;
      const isThere = async () => await storage.getRun(run?.id ?? "") !== undefined;
      await write({ "pipelines.yml": undefined });
      for (const shift of [0, HOUR, 24 * HOUR]) {
        time.shift = shift;
        await registry.reload();
        assert.ok(await isThere(), "no pipeline at all");
      }
      await write({ "pipelines.yml": pipelines({ one: "true" }) });
      await registry.reload();
      await write({ "pipelines.yml": pipelines({ other: "true" }) });
      for (const [shift, isKept] of [[0, true], [HOUR - 60_000, true], [HOUR, false]] as const) {
        time.shift = 24 * HOUR + shift;
        await registry.reload();
        assert.equal(await isThere(), isKept);
      }
    },
  ));

Deno.test("runs of a pipeline that is defined no more are deleted once they are over, and no others", () =>
  withRegistry({
    ...flow("folder"),
    "pipelines.yml": pipelines({ kept: "true", renamed: "true", slow: "cat gate" }),
  }, async ({ path, storage, open, write }) => {
    const isFifo = await new Deno.Command("mkfifo", { args: [`${path}/gate`] }).output();
    assert.ok(isFifo.success);
    const time = { shift: 0 };
    const registry = await open({ pattern: PATTERN, clock: shifted(time) });
    const runs = await Promise.all(["kept", "renamed", "folder"].map(async (name) => {
      const run = await registry.get(name)?.workflow.start();
      await run?.result;
      return run?.id ?? "";
    }));
    const slow = await registry.get("slow")?.workflow.start();
    await write({ "pipelines.yml": pipelines({ kept: "true" }), "folder": undefined });
    await registry.reload();
    time.shift = HOUR;
    await registry.reload();
    const there = () => Promise.all(runs.map(async (id) => await storage.getRun(id) !== undefined));
    assert.deepEqual(await there(), [true, false, true]);
    assert.ok(await storage.getRun(slow?.id ?? "") !== undefined, "it goes on");
    await Deno.writeTextFile(`${path}/gate`, "open");
    await slow?.result;
    while (await storage.getRun(slow?.id ?? "") !== undefined) await registry.reload();
    // What was removed while no server ran.
    await registry[Symbol.asyncDispose]();
    await write({ "pipelines.yml": pipelines({ other: "true" }) });
    const next = await open({ pattern: PATTERN, clock: shifted(time) });
    time.shift = 2 * HOUR;
    await next.reload();
    assert.deepEqual(await there(), [false, false, true]);
  }));

const HOUR = 3_600_000;

/** The machine's clock, with somebody's hand on it. */
function shifted(time: { readonly shift: number }): Clock {
  return { ...systemClock, now: () => Date.now() + time.shift };
}
