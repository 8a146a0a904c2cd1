import assert from "node:assert/strict";
import { CodedError } from "../errors/mod.ts";
import { TestWorkflow } from "./_test_workflow.ts";

const NODE = { source: `export default () => 1;` };

/** Symlinks in a workflow folder, and whether it may be loaded with them. */
const LINKS: readonly { leads: string; target(dir: string): string; refused: boolean }[] = [
  { leads: "to /etc", target: () => "/etc", refused: true },
  { leads: "to a file in /etc", target: () => "/etc/passwd", refused: true },
  { leads: "to .secrets/", target: () => ".secrets", refused: true },
  { leads: "to a file in .secrets/", target: () => ".secrets/mine.json", refused: true },
  { leads: "to .secrets.yaml", target: (dir) => `${dir}/.secrets.yaml`, refused: true },
  {
    leads: "to a sibling project",
    target: (dir) => `../${dir.slice(dir.lastIndexOf("/") + 1)}-sibling`,
    refused: true,
  },
  {
    leads: "to a folder whose name begins like its own",
    target: (dir) => `${dir}-sibling`,
    refused: true,
  },
  { leads: "to nothing, outside", target: () => "/nowhere/at/all", refused: true },
  { leads: "to the parent folder", target: () => "..", refused: true },
  { leads: "to the root", target: () => "/", refused: true },
  { leads: "to a file of its own", target: () => "data.txt", refused: false },
  { leads: "to nothing, inside", target: () => "missing.txt", refused: false },
  {
    leads: "to the folder itself, by which its secrets have a second name",
    target: () => ".",
    refused: true,
  },
];

for (const { leads, target, refused } of LINKS) {
  const end = refused ? "refused" : "loaded";
  Deno.test(`a workflow folder with a symlink ${leads} is ${end}`, async () => {
    let sibling = "";
    try {
      const opening = open((dir) => {
        sibling = `${dir}-sibling`;
        Deno.mkdirSync(sibling);
        Deno.symlinkSync(target(dir), `${dir}/link`);
      });
      if (refused) await assert.rejects(opening, isEscape);
      else await (await opening)[Symbol.asyncDispose]();
    } finally {
      await Deno.remove(sibling);
    }
  });
}

Deno.test("a chain of symlinks that ends outside is refused", async () => {
  await assert.rejects(
    open((dir) => {
      Deno.symlinkSync("/etc", `${dir}/sub/deep`);
      Deno.symlinkSync("sub/deep", `${dir}/first`);
    }),
    isEscape,
  );
});

Deno.test("a node whose path is a symlink out of the folder is refused", async () => {
  const outside = await Deno.makeTempFile({ suffix: ".ts" });
  await assert.rejects(
    TestWorkflow.open({
      nodes: { it: { path: "nodes/it.ts" } },
      prepare: (dir) => Deno.symlinkSync(outside, `${dir}/nodes/it.ts`),
    }),
    isEscape,
  );
  await Deno.remove(outside);
});

Deno.test("a node whose file is missing is NODE_NOT_FOUND and says which key to correct", async () => {
  await assert.rejects(
    TestWorkflow.open({ nodes: { it: { path: "nodes/gone.ts" } } }),
    (error: CodedError) => {
      assert.equal(error.code, "NODE_NOT_FOUND");
      assert.match(error.fix ?? "", /nodes\.it\.path/);
      return true;
    },
  );
});

Deno.test("a secrets file elsewhere in the folder may not be linked to", async () => {
  await assert.rejects(
    TestWorkflow.open({
      nodes: { it: NODE },
      files: { "private/keys.json": "{}" },
      secretFiles: ["private/keys.json"],
      prepare: (dir) => Deno.symlinkSync("private", `${dir}/keys`),
    }),
    isEscape,
  );
});

function open(prepare: (dir: string) => void): Promise<TestWorkflow> {
  return TestWorkflow.open({
    nodes: { it: NODE },
    files: {
      "data.txt": "data",
      "sub/x.txt": "x",
      ".secrets/mine.json": "{}",
      ".secrets.yaml": "a: {}",
    },
    prepare,
  });
}

function isEscape(error: unknown): boolean {
  assert.ok(error instanceof CodedError);
  assert.equal(error.code, "PATH_ESCAPE");
  return true;
}
