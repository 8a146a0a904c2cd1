import assert from "node:assert/strict";
import { fakeIo } from "./fake_io.ts";
import { loadColors, Output } from "./terminal/mod.ts";
import { WorkspaceLine } from "./workspace_line.ts";

async function shown(options: { readonly verbose: boolean }): Promise<string> {
  const io = fakeIo();
  const colors = await loadColors(false);
  const out = new Output({
    ...options,
    io,
    format: "text",
    quiet: false,
    colors,
    errorColors: colors,
  });
  const line = new WorkspaceLine(out, io.stderr);
  line.show({ files: 1, bytes: 1, isDone: false });
  line.show({ files: 12, bytes: 3_565_158, isDone: true });
  line.end();
  assert.equal(io.written.stdout, "");
  return io.written.stderr;
}

Deno.test("the workspace is worth a word off a terminal with -v only", async () => {
  assert.equal(await shown({ verbose: false }), "");
  assert.equal(await shown({ verbose: true }), "workspace: 12 files, 3.4 MiB\n");
});
