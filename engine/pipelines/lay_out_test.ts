import assert from "node:assert/strict";
import type { JsonObject, JsonValue } from "../json/mod.ts";
import { openWorkflow } from "../workflow/mod.ts";
import { type LaidOut, layOut } from "./lay_out.ts";

const ECHO: LaidOut = {
  id: "0197-id",
  name: "echo",
  version: 3,
  kind: "pipeline",
  driver: "native",
  files: {
    "pipeline.js": `let runs = 0;
const args = [...pipelineContext.args];
export async function pipeline() {
  if (args[0] === "exit") setTimeout(() => runtime.exit(5), 0);
  if (args[0] === "exit") await new Promise(() => {});
  if (args[0] === "throw") throw new Error("no luck");
  return [++runs, ...args, pipelineContext.pipelineID, pipelineContext.driverName];
}
`,
  },
};

Deno.test("layOut() makes a folder whose workflow runs the pipeline without any rights", async () => {
  await withDataDir(async (dataDir) => {
    const dir = await layOut(ECHO, dataDir);
    assert.match(dir, new RegExp(`^${dataDir}/pipelines/echo/[0-9a-f]{16}$`));
    await using workflow = await openWorkflow({ dir, maxHosts: 1 });
    const { spec } = workflow.current;
    assert.deepEqual([spec.name, spec.version], ["echo", "3.0"]);
    const [node] = spec.nodes;
    assert.ok(node?.kind === "code");
    assert.deepEqual(node.permissions, { net: [], read: [], write: [], secrets: [] });
    assert.equal(node.retry.maxAttempts, 1);
    assert.equal(node.onLost, "retry");
    // Runs of one host each begin with the module's state as it was written.
    for (const args of [["hello", "--vus=10", ""], ["again"]]) {
      const result = await run(workflow, { args });
      assert.deepEqual(result.outputs["pipeline"], {
        exitCode: 0,
        value: [1, ...args, "0197-id", "native"],
      });
    }
  });
});

Deno.test("a pipeline's exit code and message come out of its run", async () => {
  await withDataDir(async (dataDir) => {
    await using workflow = await openWorkflow({ dir: await layOut(ECHO, dataDir), maxHosts: 1 });
    const exited = await run(workflow, { args: ["exit"] });
    assert.match(exited.errors["pipeline"] ?? "", /^PIPELINE_FAILED: .*runtime\.exit\(5\)$/);
    const thrown = await run(workflow, { args: ["throw"] });
    assert.equal(thrown.errors["pipeline"], "NODE_FAILED: no luck");
  });
});

Deno.test("layOut() uses a folder again, and mends one that was changed", async () => {
  await withDataDir(async (dataDir) => {
    const dir = await layOut(ECHO, dataDir);
    const written = (await Deno.stat(`${dir}/main.ts`)).ino;
    assert.equal(await layOut(ECHO, dataDir), dir);
    assert.equal((await Deno.stat(`${dir}/main.ts`)).ino, written);
    for (
      const change of [
        () => Deno.writeTextFile(`${dir}/pipeline.js`, "export const pipeline = 1;"),
        () => Deno.writeTextFile(`${dir}/deno.json`, "{}"),
        () => Deno.remove(`${dir}/main.ts`),
        () =>
          Deno.mkdir(`${dir}/x/y`, { recursive: true }).then(() => Deno.create(`${dir}/x/y/z`))
            .then((file) => file.close()),
      ]
    ) {
      await change();
      assert.equal(await layOut(ECHO, dataDir), dir);
      assert.equal(await Deno.readTextFile(`${dir}/pipeline.js`), ECHO.files["pipeline.js"]);
      const names = await Array.fromAsync(Deno.readDir(dir), ({ name }) => name);
      assert.deepEqual(names.sort(), ["main.ts", "pipeline.js", "workflow.yaml"]);
    }
    const beside = await Array.fromAsync(Deno.readDir(`${dataDir}/pipelines/echo`));
    assert.equal(beside.length, 1);
  });
});

Deno.test("layOut() of many at once gives one whole folder", async () => {
  await withDataDir(async (dataDir) => {
    const dirs = await Promise.all(Array.from({ length: 20 }, () => layOut(ECHO, dataDir)));
    assert.equal(new Set(dirs).size, 1);
    const beside = await Array.fromAsync(Deno.readDir(`${dataDir}/pipelines/echo`));
    assert.equal(beside.length, 1);
    const other = await layOut({ ...ECHO, driver: "docker" }, dataDir);
    assert.notEqual(other, dirs[0]);
  });
});

Deno.test("layOut() gives a stored workflow its folder as it was", async () => {
  await withDataDir(async (dataDir) => {
    const files = {
      "workflow.yaml": `name: flow\nversion: "1.0"\nnodes: { a: { path: ./nodes/a.ts } }\n`,
      "nodes/a.ts": `import { b } from "../lib/b.ts";\nexport default () => b;\n`,
      "lib/b.ts": "export const b = 4;\n",
    };
    const stored = {
      name: "flow",
      version: 1,
      kind: "workflow",
      driver: undefined,
      files,
    } as const;
    const dir = await layOut(stored, dataDir);
    await using workflow = await openWorkflow({ dir, maxHosts: 1 });
    assert.deepEqual((await run(workflow, {})).outputs, { a: 4 });
  });
});

Deno.test("layOut() writes nothing outside of its folder", async () => {
  await withDataDir(async (dataDir) => {
    for (const path of ["../x.ts", "/etc/x.ts", "a/../../x.ts", "a//b", "", "a\\b", "a\0b"]) {
      const stored = { ...ECHO, files: { [path]: "" } };
      await assert.rejects(layOut(stored, dataDir), { code: "PATH_ESCAPE" });
    }
    for (const name of ["..", "a/b", "Echo", "", "a".repeat(64)]) {
      await assert.rejects(layOut({ ...ECHO, name }, dataDir), { code: "SPEC_NAME" });
    }
    assert.deepEqual(await Array.fromAsync(Deno.readDir(dataDir)), []);
  });
});

async function run(
  workflow: Awaited<ReturnType<typeof openWorkflow>>,
  input: JsonObject,
): Promise<{
  readonly outputs: { readonly [node: string]: JsonValue };
  readonly errors: { readonly [node: string]: string };
}> {
  const { outputs, errors } = await (await workflow.start(input)).result;
  return { outputs, errors };
}

async function withDataDir(body: (dataDir: string) => Promise<void>): Promise<void> {
  const dataDir = await Deno.realPath(await Deno.makeTempDir());
  try {
    await body(dataDir);
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
}
