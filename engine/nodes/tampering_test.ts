import assert from "node:assert/strict";
import { TestWorkflow } from "./_test_workflow.ts";

Deno.test("a node without a permissions block writes /tmp, and not its own code there", async () => {
  const proof = `/tmp/pd-tampering-${Deno.pid}`;
  await using workflow = await TestWorkflow.open({
    nodes: {
      it: { source: body(`await Deno.writeTextFile("${proof}", "x"); return "written"`) },
      code: {
        source: body(`await Deno.writeTextFile(new URL(import.meta.url), "export default 1")`),
      },
      format: { source: body(`await Deno.remove(new URL("../workflow.yaml", import.meta.url))`) },
    },
    files: { "workflow.yaml": "" },
  });
  assert.equal(await workflow.output("it"), "written");
  await Deno.remove(proof);
  for (const node of ["code", "format"]) {
    assert.equal((await workflow.failure(node)).code, "PERMISSION_DENIED", node);
  }
});

Deno.test("a node that may write its folder cannot change the code of another", async () => {
  await using workflow = await TestWorkflow.open({
    nodes: {
      other: { source: body("return 1"), permissions: { secrets: ["a"] } },
      ...tamperers(["."], {
        write: `Deno.writeTextFileSync(at("nodes/other.ts"), "export default 1")`,
        rename: `Deno.renameSync(at("nodes"), at("old"))`,
        config: `Deno.writeTextFileSync(at("deno.json"), "{}")`,
        format: `Deno.writeTextFileSync(at("workflow.yaml"), "")`,
        remove: `Deno.removeSync(at("."), { recursive: true })`,
      }),
      data: {
        source: body(`Deno.writeTextFileSync(new URL("../x", import.meta.url), ""); return "done"`),
        permissions: { write: ["."] },
      },
    },
  });
  for (const node of ["write", "rename", "config", "format", "remove"]) {
    assert.equal((await workflow.failure(node)).code, "PERMISSION_DENIED", node);
  }
  assert.equal(await workflow.output("data"), "done");
});

Deno.test("a node that may read and write /tmp cannot reach what starts other hosts", async () => {
  const environment = ["HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"]
    .map((name) => [name, Deno.env.get(name)] as const);
  // Without a home there is no place for it but /tmp.
  for (const [name] of environment) Deno.env.delete(name);
  try {
    const source = body(
      `const tries = [
        (dir) => [...Deno.readDirSync(dir)].length,
        (dir) => Deno.renameSync(dir, dir + "x"),
        (dir) => Deno.removeSync(dir, { recursive: true }),
        (dir) => Deno.writeTextFileSync(dir + "/1.json", "{}"),
        (dir) => Deno.writeTextFileSync(dir + "/2.json", "{}"),
        (dir) => Deno.listen({ transport: "unix", path: dir + "/s" }).close(),
      ];
      const own = Deno.args[0].replace(/\\/[^/]*$/, "");
      const pid = own.match(/pd-\\d+-/)[0];
      const dirs = [...Deno.readDirSync("/tmp")].filter(({ name }) => name.startsWith(pid))
        .map(({ name }) => "/tmp/" + name).filter((dir) => dir !== own);
      const said = dirs.flatMap((dir) => tries.map((attempt) => {
        try { return attempt(dir) ?? "reached"; } catch (error) { return error.name; }
      }));
      return [dirs.length, [...new Set(said)]]`,
    );
    await using workflow = await TestWorkflow.open({
      nodes: {
        it: { source, permissions: { net: ["*"], read: ["/tmp"], write: ["/tmp"] } },
        other: { source: body("return 1"), permissions: { secrets: [] } },
      },
      secrets: { a: { token: "canary-0123456789" } },
    });
    assert.deepEqual(await workflow.output("it"), [2, ["NotCapable"]]);
    assert.equal(await workflow.output("other"), 1);
  } finally {
    for (const [name, value] of environment) if (value !== undefined) Deno.env.set(name, value);
  }
});

Deno.test("a node has neither localStorage nor caches, which would keep files for nodes of other rights", async () => {
  await using workflow = await TestWorkflow.open({
    nodes: { it: { source: body(`return [typeof localStorage, typeof caches]`), permissions: {} } },
  });
  assert.deepEqual(await workflow.output("it"), ["undefined", "undefined"]);
});

function tamperers(
  write: readonly string[],
  tries: { readonly [node: string]: string },
): { [node: string]: { source: string; permissions: { write: readonly string[] } } } {
  const at = `const at = (path) => new URL("../" + path, import.meta.url);`;
  return Object.fromEntries(
    Object.entries(tries).map(([node, text]) => [
      node,
      { source: body(`${at} ${text}; return "done"`), permissions: { write } },
    ]),
  );
}

function body(text: string): string {
  return `export default async function run(ctx, input) { ${text} }\n`;
}
