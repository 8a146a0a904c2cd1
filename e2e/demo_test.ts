import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

Deno.test("the tour runs to its end", async () => {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", fileURLToPath(new URL("./demo.ts", import.meta.url))],
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder().decode(stdout);
  assert.equal(code, 0, text + new TextDecoder().decode(stderr));
  for (const verb of ["init", "validate", "test", "run", "visualize"]) {
    assert.match(text, new RegExp(`^\\$ pd ${verb} ?.*$`, "m"));
  }
  assert.match(text, /That was the tour/);
});
