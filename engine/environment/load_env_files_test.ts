import assert from "node:assert/strict";
import { loadEnvFiles } from "./mod.ts";

Deno.test("loadEnvFiles() lays .env and then .env.local over the process", async () => {
  await withFolder({ ".env": "A=file\nB=file\n", ".env.local": "B=local\n" }, async (dir) => {
    const environment = { A: "process", B: "process", C: "process" };
    assert.deepEqual(await loadEnvFiles({ dir, environment }), {
      environment: { A: "file", B: "local", C: "process" },
      files: [".env", ".env.local"],
    });
    assert.deepEqual(environment, { A: "process", B: "process", C: "process" });
  });
});

Deno.test("loadEnvFiles() reads the files that are named, and leaves out what is not there", async () => {
  await withFolder({ ".env": "A=1\n", "other": "A=2\n" }, async (dir) => {
    const load = (files: readonly string[]) => loadEnvFiles({ dir, files, environment: {} });
    assert.deepEqual(await load(["other", "missing"]), {
      environment: { A: "2" },
      files: ["other"],
    });
    assert.deepEqual(await load([`${dir}/other`, ""]), {
      environment: { A: "2" },
      files: [`${dir}/other`],
    });
    assert.deepEqual(await load([]), { environment: {}, files: [] });
  });
});

Deno.test("loadEnvFiles() refuses what is no list of variables, and shows no value", async () => {
  await withFolder({ ".env": "A=1\nthis is secret\n", "folder/x": "" }, async (dir) => {
    await assert.rejects(loadEnvFiles({ dir, environment: {} }), {
      code: "FILE_REFUSED",
      message: 'Cannot read ".env" as a line is NAME=value: line 2 is something else',
    });
    await assert.rejects(loadEnvFiles({ dir, files: ["folder"], environment: {} }), {
      code: "FILE_REFUSED",
    });
  });
});

async function withFolder(
  files: { readonly [path: string]: string },
  body: (dir: string) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    for (const [path, text] of Object.entries(files)) {
      const at = `${dir}/${path}`;
      await Deno.mkdir(at.slice(0, at.lastIndexOf("/")), { recursive: true });
      await Deno.writeTextFile(at, text);
    }
    await body(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}
