import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { bundlePipeline } from "./bundle_pipeline.ts";
import { layOut } from "./lay_out.ts";
import { packWorkflowFolder } from "./pack_workflow_folder.ts";

const EXAMPLES = fileURLToPath(new URL("../../examples", import.meta.url));
const PIPELINES = ["deno-script", "gotest", "k6", "terraform"];

Deno.test("every pipeline of examples/pipelines is one of these tests", async () => {
  const names = await Array.fromAsync(Deno.readDir(`${EXAMPLES}/pipelines`), ({ name }) => name);
  const pipelines = names.filter((name) => name.endsWith(".ts")).sort();
  assert.deepEqual(pipelines, PIPELINES.map((name) => `${name}.ts`));
});

for (const name of PIPELINES) {
  Deno.test(`examples/pipelines/${name}.ts can be stored`, async () => {
    const dataDir = await Deno.makeTempDir();
    try {
      const { files, warnings } = await bundlePipeline(`${EXAMPLES}/pipelines/${name}.ts`);
      assert.deepEqual(warnings, []);
      const stored = { name, version: 1, kind: "pipeline", driver: "docker", files } as const;
      const { files: packed } = await packWorkflowFolder(await layOut(stored, dataDir));
      assert.deepEqual(Object.keys(packed).sort(), ["main.ts", "pipeline.js", "workflow.yaml"]);
    } finally {
      await Deno.remove(dataDir, { recursive: true });
    }
  });
}

Deno.test("examples/mixed can be stored", async () => {
  const { name, files } = await packWorkflowFolder(`${EXAMPLES}/mixed`);
  assert.equal(name, "mixed");
  assert.ok(files["nodes/split.ts"] !== undefined);
});
