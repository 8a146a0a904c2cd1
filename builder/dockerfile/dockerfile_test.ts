import assert from "node:assert/strict";
import { parseWorkflow, type WorkflowSpec } from "../../engine/spec/mod.ts";
import { rightsOf } from "../rights.ts";
import { dockerfile } from "./dockerfile.ts";
import { engineFlags } from "./engine_flags.ts";

async function specOf(text: string): Promise<WorkflowSpec> {
  const { spec } = await parseWorkflow(text);
  assert.ok(spec !== undefined);
  return spec;
}

function workflow(node: string, description = "a sample"): Promise<WorkflowSpec> {
  return specOf(
    `name: sample\nversion: "1.0"\ndescription: ${
      JSON.stringify(description)
    }\nnodes:\n  a: ${node}\n`,
  );
}

Deno.test("dockerfile() of the example, with hosts that are declared", async (t) => {
  const path = new URL("../../examples/hn-digest/workflow.yaml", import.meta.url);
  const spec = await specOf(await Deno.readTextFile(path));
  await t.assertSnapshot(dockerfile({ spec, rights: rightsOf(spec) }));
});

Deno.test("dockerfile() keeps quotes, dollars and line ends of a description inside its label", async () => {
  const spec = await workflow("{ path: ./a.ts }", 'say "hi" to $USER\nRUN evil \\');
  const text = dockerfile({ spec, rights: rightsOf(spec) });
  assert.ok(text.includes('description="say \\"hi\\" to \\$USER RUN evil \\\\"'));
  assert.ok(!/^RUN/m.test(text));
});

Deno.test("dockerfile() refuses more sets of rights than an argument holds, as the image would not start", async () => {
  const nodes = (count: number) =>
    Array.from(
      { length: count },
      (_, index) => `  n${index}: { path: ./n.ts, permissions: { net: [h${index}.example.com] } }`,
    ).join("\n");
  const made = async (count: number) => {
    const spec = await specOf(`name: huge\nversion: "1.0"\nnodes:\n${nodes(count)}\n`);
    return dockerfile({ spec, rights: rightsOf(spec) });
  };
  assert.match(await made(300), /--allow-net=0\.0\.0\.0:8080,/);
  await assert.rejects(made(2_000), /in an argument of 128 KiB at most: it would have \d+ KiB/);
});

Deno.test("engineFlags() may start deno and nothing else, and nothing at all without hosts", async () => {
  const hosts = engineFlags(rightsOf(await workflow("{ path: ./a.ts }")));
  assert.ok(hosts.includes("--allow-run=/bin/deno"));
  const inline = engineFlags(rightsOf(await workflow("{ path: ./a.ts, isolation: none }")));
  assert.ok(!inline.some((flag) => flag.startsWith("--allow-run")));
});

Deno.test("engineFlags() limits the network to what every node declares, the listener and what is asked", async () => {
  const netOf = async (node: string) =>
    engineFlags(rightsOf(await workflow(node)), ["db.example:5432"])
      .find((flag) => flag.startsWith("--allow-net"));
  assert.equal(await netOf("{ path: ./a.ts }"), "--allow-net");
  assert.equal(
    await netOf("{ path: ./a.ts, isolation: none, permissions: { net: [a.example] } }"),
    "--allow-net=0.0.0.0:8080,db.example:5432,a.example",
  );
  assert.match(
    await netOf("{ path: ./a.ts, permissions: { net: [a.example] } }") ?? "",
    /^--allow-net=0\.0\.0\.0:8080,db\.example:5432,a\.example,unix:\/tmp\/pd\/1\/1,/,
  );
});
