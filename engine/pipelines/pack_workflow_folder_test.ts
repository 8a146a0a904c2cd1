import assert from "node:assert/strict";
import { layOut } from "./lay_out.ts";
import { packWorkflowFolder } from "./pack_workflow_folder.ts";

const YAML = `name: flow
version: "1.0"
nodes:
  a: { path: ./nodes/a.ts }
`;
const FILES: { readonly [path: string]: string | Uint8Array<ArrayBuffer> } = {
  "workflow.yaml": YAML,
  "nodes/a.ts": "export default () => 1;\n",
  "deno.json": "{}",
  ".gitignore": "out/\n",
  ".pdignore": "*.log\n",
};

const FILE_OF_BYTES = new Uint8Array([0x89, 0x50, 0xff, 0]);

Deno.test("packWorkflowFolder() takes what a workflow needs, and never its secrets", async () => {
  await withFiles({
    ...FILES,
    "out/big.txt": "x",
    "run.log": "x",
    ".secrets.yaml": "github: { token: t }",
    ".secrets/github": "t",
    ".env": "A=1",
    ".env.local": "A=1",
    "nodes/.env": "A=1",
    ".git/config": "",
    "logo.png": FILE_OF_BYTES,
    "größe.txt": "ä\r\n",
  }, async (dir) => {
    const packed = await packWorkflowFolder(dir);
    assert.equal(packed.name, "flow");
    const names = Object.keys(packed.files).sort();
    assert.deepEqual(names, [...Object.keys(FILES), "größe.txt", "logo.png"].sort());
    assert.equal(packed.files["größe.txt"], "ä\r\n");
    assert.deepEqual(packed.warnings, []);
    const { files } = packed;
    const laidOut = {
      name: "flow",
      version: 1,
      kind: "workflow",
      driver: undefined,
      files,
    } as const;
    const again = await layOut(laidOut, `${dir}/data`);
    const logo = await Deno.readFile(`${again}/logo.png`);
    assert.deepEqual(logo, FILE_OF_BYTES);
    assert.equal(await layOut(laidOut, `${dir}/data`), again);
  });
});

Deno.test("packWorkflowFolder() refuses a workflow with mistakes, with all of them", async () => {
  await withFiles({
    ...FILES,
    "workflow.yaml": `${YAML}  b: { path: ./nodes/b.ts, depends_on: [nobody] }\nfoo: 1\n`,
  }, async (dir) => {
    const error = await packWorkflowFolder(dir).then(() => undefined, (thrown) => thrown);
    assert.equal(error.code, "WORKFLOW_INVALID");
    assert.equal(error.diagnostics.length, 2);
  });
  await withFiles({ "a.txt": "" }, async (dir) => {
    await assert.rejects(packWorkflowFolder(dir), { code: "WORKFLOW_NOT_FOUND" });
  });
});

Deno.test("packWorkflowFolder() misses no module, and follows no link outside", async () => {
  await withFiles({ ...FILES, ".pdignore": "nodes/\n" }, async (dir) => {
    await assert.rejects(packWorkflowFolder(dir), {
      code: "NODE_NOT_FOUND",
      message: /module of node "a".*ignore rule/,
    });
  });
  await withFiles(FILES, async (dir) => {
    await Deno.symlink("nodes/a.ts", `${dir}/link.ts`);
    assert.equal((await packWorkflowFolder(dir)).files["link.ts"], FILES["nodes/a.ts"]);
    await Deno.symlink("/etc/hostname", `${dir}/away`);
    await assert.rejects(packWorkflowFolder(dir), { code: "PATH_ESCAPE" });
  });
});

Deno.test("packWorkflowFolder() says which file is too much", async () => {
  await withFiles(FILES, async (dir) => {
    await using file = await Deno.open(`${dir}/x-data.bin`, { write: true, create: true });
    await file.truncate(33 * 1024 * 1024);
    await assert.rejects(packWorkflowFolder(dir), {
      code: "WORKFLOW_TOO_LARGE",
      message: /32Mi together: with "x-data\.bin" they have more/,
    });
  });
});

async function withFiles(
  files: { readonly [path: string]: string | Uint8Array<ArrayBuffer> },
  body: (dir: string) => Promise<void>,
): Promise<void> {
  const dir = await Deno.realPath(await Deno.makeTempDir());
  try {
    for (const [path, content] of Object.entries(files)) {
      const file = `${dir}/${path}`;
      await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
      await (typeof content === "string"
        ? Deno.writeTextFile(file, content)
        : Deno.writeFile(file, content));
    }
    await body(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}
