import assert from "node:assert/strict";
import { checkTypes } from "./check_types.ts";

/** What only the engine's own entry of a pipeline needs. */
const LEFT_OUT = ["PipelineOutcome", "runPipeline"];

Deno.test('pipelines are checked against every type of "pipedreamer"', async () => {
  const text = await Deno.readTextFile(new URL("../mod.ts", import.meta.url));
  const names = [...text.matchAll(/^export (?:type )?\{([^}]*)\}/gm)]
    .flatMap(([, list = ""]) => list.split(","))
    .map((name) => name.trim().replace(/^type /, ""))
    .filter((name) => name !== "" && !LEFT_OUT.includes(name));
  assert.ok(names.includes("StepResult") && names.includes("Context"));
  const dir = await Deno.makeTempDir();
  try {
    const path = `${dir}/all.ts`;
    await Deno.writeTextFile(
      path,
      `export type { ${
        names.join(", ")
      } } from "pipedreamer";\nexport const pipeline = () => {};\n`,
    );
    const config = { imports: {}, nodeModulesDir: "none" };
    assert.deepEqual(await checkTypes({ path, config, show: (url) => url }), []);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
