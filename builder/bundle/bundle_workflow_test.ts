import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import { bundleWorkflow } from "./bundle_workflow.ts";

const EXAMPLE = decodeURIComponent(new URL("../../examples/hn-digest", import.meta.url).pathname);
const decoder = new TextDecoder();

async function withFolder(
  files: { readonly [path: string]: string },
  use: (dir: string) => Promise<void>,
): Promise<void> {
  const dir = await Deno.realPath(await Deno.makeTempDir());
  try {
    for (const [path, text] of Object.entries(files)) {
      await Deno.mkdir(`${dir}/${path}`.replace(/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(`${dir}/${path}`, text);
    }
    await use(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

const WORKFLOW = `name: sample\nversion: "1.0"\nnodes:\n  a: { path: ./nodes/a.ts }\n`;
const NODE = "export default () => 1;\n";

Deno.test("bundleWorkflow() gives the same bytes twice, from another folder too, and no path of this machine", async () => {
  const first = await bundleWorkflow(EXAMPLE);
  const copy = await Deno.makeTempDir();
  try {
    await new Deno.Command("cp", { args: ["-r", `${EXAMPLE}/.`, copy] }).output();
    // As another umask, another day and another order of the folder leave it.
    for (const path of ["workflow.yaml", "nodes/filter.ts", "nodes/fetch-stories.ts"]) {
      const text = await Deno.readTextFile(`${copy}/${path}`);
      await Deno.remove(`${copy}/${path}`);
      await Deno.writeTextFile(`${copy}/${path}`, text, { mode: 0o700 });
      await Deno.utime(`${copy}/${path}`, 1, 1);
    }
    const second = await bundleWorkflow(copy);
    assert.deepEqual([...second.files.keys()], [...first.files.keys()]);
    for (const [path, bytes] of first.files) {
      assert.ok(
        Buffer.compare(bytes, second.files.get(path) ?? new Uint8Array()) === 0,
        `${path} is the same`,
      );
      const text = decoder.decode(bytes);
      for (const own of [copy, EXAMPLE, "pd-packages-"]) {
        assert.ok(!text.includes(own), `${path} does not name ${own}`);
      }
    }
  } finally {
    await Deno.remove(copy, { recursive: true });
  }
});

Deno.test("bundleWorkflow() keeps a module per node, the spec in place of the YAML, and lazy modules of the engine", async () => {
  const { files, packages } = await bundleWorkflow(EXAMPLE);
  const paths = [...files.keys()];
  assert.deepEqual(paths.filter((path) => path.startsWith("workflow/")), [
    "workflow/nodes/fetch-stories.js",
    "workflow/nodes/filter.js",
    "workflow/nodes/format.js",
    "workflow/workflow.built.json",
  ]);
  for (
    const name of ["main", "mod", "nodes_host_main", "triggers_nats_mod", "storage_postgres_open"]
  ) {
    assert.ok(paths.includes(`engine/${name}.js`), name);
  }
  const spec = JSON.parse(decoder.decode(files.get("workflow/workflow.built.json")));
  assert.equal(spec.nodes[0].path, "nodes/fetch-stories.js");
  assert.ok(packages.some((name) => name.startsWith("yaml@")));
  for (const [path, bytes] of files) {
    if (!path.endsWith(".js")) continue;
    const text = decoder.decode(bytes);
    for (
      const [, address = ""] of text.matchAll(/new URL\("\.\/([\w-]+\.js)",import\.meta\.url/g)
    ) {
      assert.ok(paths.includes(`engine/${address}`), `${path} finds ${address}`);
    }
    assert.doesNotMatch(text, /new URL\("[^"]+\.ts",\s*import\.meta\.url/, path);
  }
});

Deno.test("bundleWorkflow() names file and line of each node that cannot be bundled", async () => {
  await withFolder({
    "workflow.yaml":
      `name: sample\nversion: "1.0"\nnodes:\n  a: { path: ./a.ts }\n  b: { path: ./b.ts }\n`,
    "a.ts": 'import "./missing.ts";\nexport default () => 1;\n',
    "b.ts": 'export default () => 1;\nimport x from "https://web.example/x.ts";\nx();\n',
  }, async (dir) => {
    await assert.rejects(bundleWorkflow(dir, { shown: "flow" }), (error: Error) => {
      assert.equal((error as Error & { code: string }).code, "BUNDLE_FAILED");
      assert.match(error.message, /flow\/a\.ts:1:8 Cannot read file/);
      assert.match(error.message, /flow\/b\.ts:2:15 Cannot import "https:\/\/web\.example\/x\.ts"/);
      return true;
    });
  });
});

Deno.test("bundleWorkflow() takes spaces and letters beyond ASCII in the names of files", async () => {
  const path = "nödes x/a b.ts";
  const workflow = WORKFLOW.replace("./nodes/a.ts", `"./${path}"`);
  await withFolder({ "workflow.yaml": workflow, [path]: NODE }, async (dir) => {
    const { files } = await bundleWorkflow(dir);
    const built = "nödes x/a b.js";
    assert.ok(files.has(`workflow/${built}`), [...files.keys()].join());
    const spec = JSON.parse(decoder.decode(files.get("workflow/workflow.built.json")));
    assert.equal(spec.nodes[0].path, built);
  });
});

Deno.test("bundleWorkflow() ships data that nodes read, and neither tests nor ignored files nor secrets", async () => {
  await withFolder({
    "workflow.yaml": WORKFLOW,
    "nodes/a.ts": NODE,
    "nodes/template.html": "<p>",
    "tests/fixtures/a.json": "{}",
    "ignored.txt": "x",
    ".gitignore": "ignored.txt\n",
    ".env": "A=1\n",
    ".secrets/github": "hush",
  }, async (dir) => {
    const { files } = await bundleWorkflow(dir);
    assert.deepEqual(
      [...files.keys()].filter((path) => path.startsWith("workflow/")),
      ["workflow/nodes/a.js", "workflow/nodes/template.html", "workflow/workflow.built.json"],
    );
  });
});

/** Ways for a secret into an image. */
const LEAKS: readonly { name: string; files: { readonly [path: string]: string } }[] = [
  {
    name: "an import of a file of secrets",
    files: {
      "nodes/a.ts":
        'import text from "../.secrets/github" with { type: "text" };\nexport default () => text;\n',
      ".secrets/github": "short",
    },
  },
  {
    name: "the value of a secret in code",
    files: {
      "nodes/a.ts": 'export default () => "pd-planted-4711";\n',
      ".secrets.yaml": "github: { token: pd-planted-4711 }\n",
    },
  },
  {
    name: "the value of a secret in data",
    files: {
      "nodes/a.ts": NODE,
      "data.json": '{"token":"pd-planted-4711"}',
      ".secrets/github": '{"token":"pd-planted-4711"}',
    },
  },
  {
    name: "a secret of several lines in a string of code",
    files: {
      "nodes/a.ts": 'export default () => "pd-planted\\n\\"4711\\"\\nend";\n',
      ".secrets.yaml": 'github: { token: "pd-planted\\n\\"4711\\"\\nend" }\n',
    },
  },
  {
    name: "the Base64 of a secret in data",
    files: {
      "nodes/a.ts": NODE,
      "data.txt": `header: Basic ${btoa("user:pd-planted-4711")}\n`,
      ".secrets/github": '{"token":"pd-planted-4711"}',
    },
  },
];

for (const { name, files } of LEAKS) {
  Deno.test(`bundleWorkflow() refuses ${name}, and does not repeat it`, async () => {
    await withFolder({ "workflow.yaml": WORKFLOW, ...files }, async (dir) => {
      await assert.rejects(bundleWorkflow(dir), (error: Error) => {
        assert.equal((error as Error & { code: string }).code, "CONTEXT_SECRET");
        assert.ok(!error.message.includes("pd-planted"));
        return true;
      });
    });
  });
}
