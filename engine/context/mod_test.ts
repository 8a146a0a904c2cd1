import assert from "node:assert/strict";

Deno.test("the folder loads in a process without any right, package or node: module", async () => {
  const output = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--no-remote",
      "--no-npm",
      "--no-config",
      "--no-lock",
      "--no-check",
      "--quiet",
      new URL("./mod.ts", import.meta.url).pathname,
    ],
  }).output();
  const said = new TextDecoder().decode(output.stderr);
  assert.equal(output.code, 0, said);
  for await (const { name } of Deno.readDir(new URL(".", import.meta.url))) {
    if (!name.endsWith(".ts") || name.endsWith("_test.ts")) continue;
    const text = await Deno.readTextFile(new URL(name, import.meta.url));
    assert.doesNotMatch(text, /^(?:import|export) (?!type ).*from "(?!\.)/m, name);
  }
});
