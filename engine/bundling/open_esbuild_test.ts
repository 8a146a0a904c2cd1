import assert from "node:assert/strict";
import { openEsbuild } from "./open_esbuild.ts";

// The sanitizers of the test runner see a process that outlives its test.
for (const time of ["the first time", "again"]) {
  Deno.test(`the bundler's process is gone when the last holder has let go, ${time}`, async () => {
    const outer = await openEsbuild();
    {
      await using inner = await openEsbuild();
      await inner.esbuild.transform("let a: number = 1;", { loader: "ts" });
    }
    const { code } = await outer.esbuild.transform("let b: number = 2;", { loader: "ts" });
    assert.equal(code, "let b = 2;\n");
    await outer[Symbol.asyncDispose]();
  });
}

Deno.test("a bundler that was never asked has no process to wait for", async () => {
  await using held = await openEsbuild();
  assert.equal(typeof held.esbuild.version, "string");
});
