import assert from "node:assert/strict";
import { discoverFixtures } from "./discover_fixtures.ts";

const NODES = ["fetch-stories", "filter"];

async function withFixtures(
  files: { readonly [name: string]: string },
  body: (dir: string) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${dir}/tests/fixtures`, { recursive: true });
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${dir}/tests/fixtures/${name}`, text);
    }
    await body(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("discoverFixtures() reads cases of nodes and of the whole workflow, in order of their names", async () => {
  await withFixtures({
    "filter.json": '{"input": 1, "expected": 2}',
    "filter.a.b.json": '{"expected": null}',
    "fetch-stories.json": '{"input": null, "error": "NODE_TIMEOUT"}',
    "pipeline.json": '{"outputs": {"filter": 1}}',
    ".hidden.json": "no",
    "notes.txt": "no",
  }, async (dir) => {
    const { fixtures, problems } = await discoverFixtures(dir, { nodes: NODES });
    assert.deepEqual(problems, []);
    assert.deepEqual(fixtures.map(({ file, caseName }) => [file, caseName]), [
      ["tests/fixtures/fetch-stories.json", undefined],
      ["tests/fixtures/filter.json", undefined],
      ["tests/fixtures/filter.a.b.json", "a.b"],
      ["tests/fixtures/pipeline.json", undefined],
    ]);
    assert.deepEqual(fixtures.map(({ input }) => input), [null, 1, {}, {}]);
    assert.deepEqual(fixtures[0]?.expectation, {
      kind: "error",
      error: { code: "NODE_TIMEOUT", message: undefined },
    });
    assert.deepEqual(fixtures[2]?.expectation, { kind: "output", value: null, match: "exact" });
  });
});

Deno.test("discoverFixtures() leaves out other nodes when asked for one", async () => {
  await withFixtures({ "filter.json": "{}", "fetch-stories.json": "{" }, async (dir) => {
    const { fixtures, problems } = await discoverFixtures(dir, { nodes: NODES, node: "filter" });
    assert.deepEqual([fixtures.length, problems.length], [1, 0]);
  });
});

Deno.test("discoverFixtures() finds nothing where there is no folder", async () => {
  const dir = await Deno.makeTempDir();
  assert.deepEqual(await discoverFixtures(dir), { fixtures: [], problems: [] });
  await Deno.remove(dir);
});

Deno.test("discoverFixtures() reports every problem of every file with its place", async (t) => {
  await withFixtures({
    "filter.json": '{\n  "input": {},\n  "expectd": 1,\n  "match": "some",\n  "fetch": [\n' +
      '    { "service": "HN!", "path": "x", "status": 99 },\n    { "path": "/x", "bdy": 1 }\n  ]\n}',
    "filter.both.json": '{\n  "expected": 1,\n  "error": "NODE_FAILED"\n}',
    "filter.syntax.json": '{\n  "input": {},\n}',
    "filter.list.json": "[]",
    "fliter.json": "{}",
    "pipeline.json": '{\n  "replay": true,\n  "fetch": [],\n  "config": {}\n}',
    "filter.secret.json": '{"secrets": {"github": "token"}, "fetch": [{"service": "a", "path":' +
      ' "/", "status": 204, "body": {}, "headers": {"x y": "a\\nb"}}]}',
    "filter.good.json": '{"expected": 1}',
  }, async (dir) => {
    const { fixtures, problems } = await discoverFixtures(dir, { nodes: NODES });
    assert.deepEqual(fixtures.map(({ caseName }) => caseName), ["good"]);
    await t.assertSnapshot(
      problems.map(({ file, line, column, code, message, fix }) =>
        `${file}:${line}:${column} ${code} ${message}\n    Fix: ${fix}`
      ).join("\n"),
    );
  });
});

Deno.test("discoverFixtures() refuses a file of many megabytes", async () => {
  await withFixtures({ "filter.json": `"${"x".repeat(17 * 1024 * 1024)}"` }, async (dir) => {
    const { problems } = await discoverFixtures(dir, { nodes: NODES });
    assert.match(problems[0]?.message ?? "", /as a fixture of at most 16 MiB/);
  });
});
