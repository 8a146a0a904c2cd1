import assert from "node:assert/strict";
import { aliasScript } from "./alias_script.ts";

Deno.test("aliasScript() writes a function a name that hands on every word", async (t) => {
  for (const shell of ["bash", "zsh", "fish"] as const) {
    await t.assertSnapshot(aliasScript(["k6", "load-test"], shell));
  }
});

for (const name of ["if", "cd;id", "-x", "", "a b", "$(id)", "pd"]) {
  Deno.test(`aliasScript() refuses "${name}", which the shell would read as something else`, () => {
    assert.throws(() => aliasScript([name], "bash"), { code: "USAGE" });
  });
}
