import assert from "node:assert/strict";
import { join } from "node:path";
import { fakeIo } from "./fake_io.ts";
import { runCli } from "./run_cli.ts";

interface Case {
  readonly name: string;
  readonly files: { readonly [path: string]: string };
  readonly links?: { readonly [path: string]: string };
  readonly code: number;
  /** `line:column severity CODE` of each problem. */
  readonly want: readonly string[];
}

const NODE = "export default () => 1;\n";
const HEAD = 'name: demo\nversion: "1.0"\nnodes:\n';

const CASES: readonly Case[] = [
  {
    name: "a workflow that is fine",
    files: { "workflow.yaml": `${HEAD}  a: { path: ./a.ts }\n`, "a.ts": NODE },
    code: 0,
    want: [],
  },
  {
    name: "a node file that is missing",
    files: { "workflow.yaml": `${HEAD}  a: { path: ./nope.ts }\n` },
    code: 1,
    want: ["4:8 error NODE_NOT_FOUND"],
  },
  {
    name: "a node file that is a link out of the folder",
    files: { "workflow.yaml": `${HEAD}  a: { path: ./a.ts }\n` },
    links: { "a.ts": "/etc/hostname" },
    code: 1,
    want: ["4:8 error PATH_ESCAPE"],
  },
  {
    name: "a link to another place beside the nodes",
    files: { "workflow.yaml": `${HEAD}  a: { path: ./a.ts }\n`, "a.ts": NODE },
    links: { "data": "/etc" },
    code: 1,
    want: ["1:1 error PATH_ESCAPE"],
  },
  {
    name: "a container node",
    files: { "workflow.yaml": `${HEAD}  a: { image: alpine, run: echo hi }\n` },
    code: 0,
    want: [],
  },
  {
    name: "mistakes of the file, the graph and the folder at once",
    files: {
      "workflow.yaml":
        `${HEAD}  a: { path: ./a.ts, bogus: 1 }\n  b: { path: ./b.ts, depends_on: [b] }\n`,
      "a.ts": NODE,
    },
    code: 1,
    want: ["4:22 error SPEC_UNKNOWN_KEY", "5:8 error NODE_NOT_FOUND", "5:35 error DAG_SELF_LOOP"],
  },
];

for (const { name, files, links = {}, code, want } of CASES) {
  Deno.test(`pd validate of ${name}`, async () => {
    const dir = await Deno.makeTempDir({ prefix: "pd-validate-" });
    try {
      for (const [path, text] of Object.entries(files)) {
        await Deno.writeTextFile(join(dir, path), text);
      }
      for (const [path, target] of Object.entries(links)) {
        await Deno.symlink(target, join(dir, path));
      }
      const io = fakeIo({ cwd: dir });
      assert.equal(await runCli(["validate", "-o", "json"], io), code);
      const { valid, file, diagnostics } = JSON.parse(io.written.stdout);
      assert.equal(valid, code === 0);
      assert.equal(file, "workflow.yaml");
      assert.deepEqual(
        diagnostics.map((one: { line: number; column: number; severity: string; code: string }) =>
          `${one.line}:${one.column} ${one.severity} ${one.code}`
        ),
        want,
      );
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  });
}

Deno.test("pd run of an invalid workflow reports every problem, as text and as JSON", async () => {
  const dir = await Deno.makeTempDir({ prefix: "pd-invalid-" });
  try {
    await Deno.writeTextFile(
      join(dir, "workflow.yaml"),
      "name: Bad Name\nversion: 1\nnodes:\n  a: { path: ./a.ts, bogus: 1 }\n",
    );
    const text = fakeIo({ cwd: dir });
    assert.equal(await runCli(["run", "."], text), 1);
    assert.equal(text.written.stdout, "");
    const places = text.written.stderr.match(/workflow\.yaml:\d+:\d+ [A-Z_]+/g) ?? [];
    assert.equal(places.length, 3);
    const json = fakeIo({ cwd: dir });
    assert.equal(await runCli(["run", ".", "-o", "json"], json), 1);
    const { error, diagnostics } = JSON.parse(json.written.stdout);
    assert.equal(error.code, "WORKFLOW_INVALID");
    assert.equal(diagnostics.length, 3);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
