import assert from "node:assert/strict";
import { findLocalPipeline } from "./find_local_pipeline.ts";
import { layOutLocal } from "./lay_out_local.ts";

Deno.test("findLocalPipeline() looks in each folder upwards, a file before a folder", async () => {
  await withFiles({
    ".pd/pipelines/echo.ts": "",
    ".pd/pipelines/flow/workflow.yaml": "",
    "a/.pd/pipelines/echo/workflow.yaml": "",
    "a/b/c/x.txt": "",
  }, async (dir) => {
    const cwd = `${dir}/a/b/c`;
    assert.deepEqual((await findLocalPipeline("echo", cwd)).found, {
      name: "echo",
      kind: "workflow",
      path: `${dir}/a/.pd/pipelines/echo`,
    });
    assert.deepEqual((await findLocalPipeline("echo", `${dir}/`)).found, {
      name: "echo",
      kind: "pipeline",
      path: `${dir}/.pd/pipelines/echo.ts`,
    });
    assert.equal((await findLocalPipeline("flow", cwd)).found?.path, `${dir}/.pd/pipelines/flow`);
    const { found, places } = await findLocalPipeline("nothing", cwd);
    assert.equal(found, undefined);
    assert.deepEqual(places.slice(0, 3), [
      `${cwd}/.pd/pipelines/nothing.ts`,
      `${cwd}/.pd/pipelines/nothing/workflow.yaml`,
      `${dir}/a/b/.pd/pipelines/nothing.ts`,
    ]);
    assert.equal(places.at(-1), "/.pd/pipelines/nothing/workflow.yaml");
    for (const name of ["../x", "a/b", "", ".", ".hidden", "/etc/passwd"]) {
      assert.deepEqual(await findLocalPipeline(name, cwd), { found: undefined, places: [] });
    }
  });
});

Deno.test("layOutLocal() bundles again only when a file of the pipeline has changed", async () => {
  await withFiles({
    ".pd/pipelines/echo.ts":
      `import { a } from "./lib/a.ts";\nexport const pipeline = (): number => a;\n`,
    ".pd/pipelines/lib/a.ts": "export const a = 1;\n",
  }, async (dir) => {
    const { found } = await findLocalPipeline("echo", dir);
    assert.ok(found !== undefined);
    const first = await layOutLocal(found, `${dir}/data`);
    assert.match(await Deno.readTextFile(`${first.dir}/pipeline.js`), /a = 1/);
    const record = `${dir}/data/pipelines/.local`;
    const stampOf = async () => {
      const [entry] = await Array.fromAsync(Deno.readDir(record));
      return (await Deno.stat(`${record}/${entry?.name}`)).ino;
    };
    const stamp = await stampOf();
    assert.deepEqual(await layOutLocal(found, `${dir}/data`), first);
    assert.equal(await stampOf(), stamp);

    await Deno.writeTextFile(`${dir}/.pd/pipelines/lib/a.ts`, "export const a = 2;\n");
    const second = await layOutLocal(found, `${dir}/data`);
    assert.match(await Deno.readTextFile(`${second.dir}/pipeline.js`), /a = 2/);
    assert.notEqual(await stampOf(), stamp);

    // What an import means may change without any of the files.
    const changed = await stampOf();
    await Deno.writeTextFile(`${dir}/deno.json`, "{}");
    assert.equal((await layOutLocal(found, `${dir}/data`)).dir, second.dir);
    assert.notEqual(await stampOf(), changed);

    await Deno.writeTextFile(`${dir}/.pd/pipelines/lib/a.ts`, `export const a = "2";\n`);
    await assert.rejects(layOutLocal(found, `${dir}/data`), { code: "PIPELINE_INVALID" });
  });
});

Deno.test("layOutLocal() leaves a workflow where it is, and says which names cannot be", async () => {
  await withFiles(
    { ".pd/pipelines/my_tool.ts": "export const pipeline = () => {};\n" },
    async (dir) => {
      const flow = { name: "flow", kind: "workflow", path: `${dir}/flow` } as const;
      assert.deepEqual(await layOutLocal(flow, `${dir}/data`), { dir: flow.path, warnings: [] });
      const { found } = await findLocalPipeline("my_tool", dir);
      assert.ok(found !== undefined);
      await assert.rejects(layOutLocal(found, `${dir}/data`), { code: "SPEC_NAME" });
    },
  );
});

async function withFiles(
  files: { readonly [path: string]: string },
  body: (dir: string) => Promise<void>,
): Promise<void> {
  const dir = await Deno.realPath(await Deno.makeTempDir());
  try {
    for (const [path, text] of Object.entries(files)) {
      const file = `${dir}/${path}`;
      await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
      await Deno.writeTextFile(file, text);
    }
    await body(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}
