import assert from "node:assert/strict";
import { checkImports } from "./check_imports.ts";
import { describeProblems } from "./problem.ts";
import { readImports } from "./read_imports.ts";

interface Case {
  readonly name: string;
  readonly tree: { readonly [path: string]: string };
  /** `where` and a part of `what`, in order. */
  readonly want: readonly (readonly [where: string, what: string])[];
}

const CASES: readonly Case[] = [
  {
    name: "lets arrows through that point the right way",
    tree: {
      "cli/main.ts":
        `import "../engine/spec/mod.ts"; import "../builder/mod.ts"; import "./commands.ts";`,
      "cli/commands.ts": `export const load = () => import("./commands/run.ts");`,
      "cli/commands/run.ts": `import "../../engine/spec/mod.ts"; import "../terminal/mod.ts";`,
      "cli/terminal/mod.ts": `export {};`,
      "builder/mod.ts": `import "../engine/spec/mod.ts";`,
      "engine/mod.ts": `export {};`,
      "engine/spec/mod.ts": `export * from "./_read.ts";`,
      "engine/spec/_read.ts": `export const a = 1;`,
      "examples/hello/nodes/a.ts": `import "../../../engine/mod.ts";`,
      "e2e/x_test.ts": `import "../engine/spec/_read.ts"; import "../cli/main.ts";`,
    },
    want: [],
  },
  {
    name: "finds an engine that imports the command line",
    tree: {
      "engine/spec/mod.ts": `export const a = 1;\nimport "../../cli/mod.ts";`,
      "cli/mod.ts": `export {};`,
    },
    want: [["engine/spec/mod.ts:2", `imports "cli/mod.ts": engine may import nothing but itself`]],
  },
  {
    name: "finds deploy importing builder by a dynamic import",
    tree: {
      "deploy/mod.ts": `export const load = () => import("../builder/mod.ts");`,
      "builder/mod.ts": `export {};`,
    },
    want: [["deploy/mod.ts:1", `imports "builder/mod.ts": deploy may import engine`]],
  },
  {
    name: "finds a type that is imported the wrong way",
    tree: {
      "builder/mod.ts": `import type { A } from "../cli/a.ts"; export type B = A;`,
      "cli/a.ts": `export type A = 1;`,
    },
    want: [["builder/mod.ts:1", `imports "cli/a.ts"`]],
  },
  {
    name: "finds a re-export past a door",
    tree: {
      "engine/a/mod.ts": `export { x } from "../b/x.ts";`,
      "engine/b/mod.ts": `export { x } from "./x.ts";`,
      "engine/b/x.ts": `export const x = 1;`,
    },
    want: [["engine/a/mod.ts:1", `imports "engine/b/x.ts" past the door of its folder`]],
  },
  {
    name: "names the outer door of nested folders",
    tree: {
      "cli/a.ts": `import "../engine/drivers/docker/mod.ts";`,
      "engine/drivers/mod.ts": `import "./docker/mod.ts";`,
      "engine/drivers/docker/mod.ts": `export {};`,
    },
    want: [["cli/a.ts:1", `imports "engine/drivers/docker/mod.ts" past the door`]],
  },
  {
    name: "finds a folder of the engine without a door",
    tree: {
      "engine/a/mod.ts": `import "../b/x.ts";`,
      "engine/b/x.ts": `export {};`,
    },
    want: [["engine/a/mod.ts:1", `imports "engine/b/x.ts" while "engine/b" has no mod.ts`]],
  },
  {
    name: "finds a private file that is used from outside",
    tree: {
      "cli/commands/run.ts": `import "../terminal/_ansi.ts";`,
      "cli/terminal/mod.ts": `import "./_ansi.ts";`,
      "cli/terminal/_ansi.ts": `export {};`,
    },
    want: [["cli/commands/run.ts:1", `imports "cli/terminal/_ansi.ts", which is private`]],
  },
  {
    name: "finds a circle of three folders once and names its lines",
    tree: {
      "engine/a/mod.ts": `import "../b/mod.ts";`,
      "engine/b/mod.ts": `export {};\nimport "../c/mod.ts";`,
      "engine/c/mod.ts": `import "../a/mod.ts";`,
    },
    want: [[
      "engine/a/mod.ts:1",
      "closes a circle of folders: engine/a -> engine/b -> engine/c -> engine/a",
    ]],
  },
  {
    name: "lets folders share types in a circle, and tests import what they like",
    tree: {
      "engine/a/mod.ts": `import "../b/mod.ts"; export type A = 1;`,
      "engine/b/mod.ts":
        `import type { A } from "../a/mod.ts";\nimport {\n  type A as B,\n} from "../a/mod.ts";\nexport type C = A | B;`,
      "engine/b/b_test.ts": `import "../a/mod.ts";`,
    },
    want: [],
  },
  {
    name: "finds code that lies in no part of the house",
    tree: {
      "scripts/x.ts": `import "../engine/a/mod.ts";`,
      "engine/a/mod.ts": `export {};`,
    },
    want: [["scripts/x.ts:1", `lies in "scripts", which is no part of the house`]],
  },
  {
    name: "finds an import that leaves the project",
    tree: { "engine/a/mod.ts": `import "../../../elsewhere.ts";` },
    want: [[
      "engine/a/mod.ts:1",
      `imports "../../../elsewhere.ts", which lies outside the project`,
    ]],
  },
];

for (const { name, tree, want } of CASES) {
  Deno.test(`the import check ${name}`, async () => {
    const root = await Deno.realPath(await Deno.makeTempDir());
    try {
      const files = Object.keys(tree).sort();
      for (const [path, text] of Object.entries(tree)) {
        await Deno.mkdir(`${root}/${path.slice(0, path.lastIndexOf("/"))}`, { recursive: true });
        await Deno.writeTextFile(`${root}/${path}`, text);
      }
      const problems = checkImports(files, await readImports(root, files));
      assert.equal(problems.length, want.length, describeProblems(problems));
      for (const [index, [where, what]] of want.entries()) {
        assert.equal(problems[index]?.where, where);
        assert.ok(problems[index]?.what.includes(what), problems[index]?.what);
        assert.notEqual(problems[index]?.fix, "");
      }
    } finally {
      await Deno.remove(root, { recursive: true });
    }
  });
}
