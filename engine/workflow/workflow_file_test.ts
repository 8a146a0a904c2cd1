import assert from "node:assert/strict";
import { findWorkflowFile, readWorkflowText } from "./workflow_file.ts";

async function inTempDir(test: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.realPath(await Deno.makeTempDir());
  try {
    await test(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("findWorkflowFile() takes a folder, a file, and either ending", () =>
  inTempDir(async (dir) => {
    await Deno.writeTextFile(`${dir}/workflow.yml`, "");
    assert.deepEqual(await findWorkflowFile(dir), { dir, file: `${dir}/workflow.yml` });
    await Deno.writeTextFile(`${dir}/workflow.yaml`, "");
    assert.deepEqual(await findWorkflowFile(dir), { dir, file: `${dir}/workflow.yaml` });
    await Deno.writeTextFile(`${dir}/other.yaml`, "");
    const other = await findWorkflowFile(`${dir}/other.yaml`);
    assert.deepEqual(other, { dir, file: `${dir}/other.yaml` });
  }));

Deno.test("findWorkflowFile() resolves a link to the folder", () =>
  inTempDir(async (dir) => {
    await Deno.mkdir(`${dir}/real`);
    await Deno.writeTextFile(`${dir}/real/workflow.yaml`, "");
    await Deno.symlink(`${dir}/real`, `${dir}/link`);
    assert.equal((await findWorkflowFile(`${dir}/link`)).dir, `${dir}/real`);
  }));

Deno.test("findWorkflowFile() says what it looked for", () =>
  inTempDir(async (dir) => {
    await Deno.writeTextFile(`${dir}/notes.txt`, "");
    const cases: readonly [string, RegExp][] = [
      [`${dir}/missing`, /no such file or folder/],
      [dir, /the folder has no workflow\.yaml and no workflow\.yml/],
      [`${dir}/notes.txt`, /not a \.yaml or \.yml one/],
      [`${dir}/notes.txt/x`, /no such file or folder/],
    ];
    for (const [path, message] of cases) {
      await assert.rejects(findWorkflowFile(path), { code: "WORKFLOW_NOT_FOUND", message }, path);
    }
  }));

Deno.test("readWorkflowText() refuses a file before it reads too much of it", () =>
  inTempDir(async (dir) => {
    await Deno.writeTextFile(`${dir}/workflow.yaml`, "name: x\n");
    assert.equal(await readWorkflowText(`${dir}/workflow.yaml`, 8), "name: x\n");
    await assert.rejects(readWorkflowText(`${dir}/workflow.yaml`, 7), {
      code: "WORKFLOW_TOO_LARGE",
    });
  }));

Deno.test("readWorkflowText() says that a file is gone which was there when it was found", () =>
  inTempDir(async (dir) => {
    await assert.rejects(readWorkflowText(`${dir}/workflow.yaml`, 8), {
      code: "WORKFLOW_NOT_FOUND",
      message: /it is gone$/,
    });
  }));
