import assert from "node:assert/strict";
import { readModules, stampOf } from "./dependencies.ts";
import { hostConfig } from "./host_config.ts";

Deno.test("hostConfig() keeps the workflow's imports, makes its paths absolute, maps pipedreamer", async () => {
  await withFolder({
    "deno.json": JSON.stringify({
      imports: { "lib/": "./lib/", "z": "npm:zod@4", "pipedreamer": "./elsewhere.ts" },
      scopes: { "./old/": { "z": "npm:zod@3", "y": "../y.ts" } },
      compilerOptions: { jsx: "react-jsx" },
      tasks: { x: "echo" },
    }),
  }, async (dir) => {
    const config = await hostConfig(dir);
    const parent = dir.slice(0, dir.lastIndexOf("/"));
    assert.deepEqual(config, {
      imports: {
        "lib/": `file://${dir}/lib/`,
        "z": "npm:zod@4",
        "pipedreamer": new URL("../mod.ts", import.meta.url).href,
      },
      scopes: { [`file://${dir}/old/`]: { z: "npm:zod@3", y: `file://${parent}/y.ts` } },
      compilerOptions: { jsx: "react-jsx" },
      nodeModulesDir: "none",
    });
  });
});

Deno.test("hostConfig() names the file when the workflow's deno.json is no JSON", async () => {
  await withFolder({ "deno.json": `{ "imports": ` }, async (dir) => {
    await assert.rejects(hostConfig(dir), {
      code: "NODE_INVALID",
      fix: `Correct ${dir}/deno.json`,
    });
  });
});

const GRAPHS: readonly { name: string; files: Record<string, string>; needs: boolean }[] = [
  { name: "no imports", files: { "a.ts": "export default () => 1" }, needs: false },
  {
    name: "pipedreamer and node: only",
    files: { "a.ts": `import type { X } from "pipedreamer"; import "node:fs";` },
    needs: false,
  },
  {
    name: "relative imports",
    files: { "a.ts": `import { b } from "./b.ts";`, "b.ts": `import "./a.ts"` },
    needs: false,
  },
  { name: "a package", files: { "a.ts": `import pc from "npm:picocolors@1";` }, needs: true },
  { name: "a mapped name", files: { "a.ts": `export { z } from "zod";` }, needs: true },
  {
    name: "a package behind a relative import",
    files: { "a.ts": `await import("./b.ts")`, "b.ts": `import "npm:x"` },
    needs: true,
  },
  { name: "a missing file", files: { "a.ts": `import "./missing.ts"` }, needs: false },
];

for (const { name, files, needs } of GRAPHS) {
  Deno.test(`readModules() finds that a module with ${name} needs ${needs ? "packages" : "no packages"}`, async () => {
    await withFolder(files, async (dir) => {
      assert.equal((await readModules([`${dir}/a.ts`])).needsPackages, needs);
    });
  });
}

Deno.test("stampOf() tells an edit of any file that the modules import", async () => {
  await withFolder({ "a.ts": `import "./b.ts";`, "b.ts": "1;", "c.ts": "1;" }, async (dir) => {
    const { files } = await readModules([`${dir}/a.ts`]);
    assert.deepEqual(files, [`${dir}/a.ts`, `${dir}/b.ts`]);
    const before = await stampOf(files);
    await Deno.writeTextFile(`${dir}/c.ts`, "22;");
    assert.equal(await stampOf(files), before);
    await Deno.writeTextFile(`${dir}/b.ts`, "22;");
    assert.notEqual(await stampOf(files), before);
  });
});

async function withFolder(
  files: Record<string, string>,
  use: (dir: string) => Promise<void>,
): Promise<void> {
  const dir = await Deno.realPath(await Deno.makeTempDir());
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(`${dir}/${name}`, text);
  }
  try {
    await use(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}
