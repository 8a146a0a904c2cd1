import assert from "node:assert/strict";
import type { FixtureResult, TestReport } from "./test_report.ts";
import { runFixtures, type RunFixturesOptions } from "./run_fixtures.ts";

const WORKFLOW = `
name: sample
version: "1.0"
inputs:
  word: { type: string, default: hi }
services:
  a: { url: https://a.example/base }
config:
  from_workflow: w
  both: w
nodes:
  ask:
    path: ./nodes/ask.ts
    permissions: { net: [a.example], secrets: [a] }
    config: { both: n }
  shout:
    path: ./nodes/shout.ts
    permissions: { net: [], secrets: [] }
    timeout: 300ms
    depends_on: [ask]
`;

const ASK = `
export default async function ask(ctx, input) {
  ctx.log.info("asking", { word: input.word });
  if (input.inspect) return { config: ctx.config, secrets: ctx.secrets };
  if (input.bare) return await (await fetch(input.bare)).json();
  const answer = await ctx.fetch("a", "/words/" + input.word).catch((error) => {
    if (input.swallow) return undefined;
    throw error;
  });
  if (answer === undefined) return "swallowed";
  if (!answer.ok) throw new Error("a answered " + answer.status);
  return await answer.json();
}
`;

const SHOUT = `
export default async function shout(_ctx, input) {
  if (input.hang) await new Promise(() => setInterval(() => {}, 1000));
  return String(input.word).toUpperCase();
}
`;

type Files = { readonly [path: string]: string };

async function withWorkflow(files: Files, body: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  const all: Files = {
    "workflow.yaml": WORKFLOW,
    "nodes/ask.ts": ASK,
    "nodes/shout.ts": SHOUT,
    ...files,
  };
  try {
    for (const [path, text] of Object.entries(all)) {
      await Deno.mkdir(`${dir}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(`${dir}/${path}`, text);
    }
    await body(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

function fixture(content: unknown): string {
  return `${JSON.stringify(content, null, 2)}\n`;
}

async function only(
  options: RunFixturesOptions,
): Promise<{ report: TestReport; result: FixtureResult }> {
  const report = await runFixtures(options);
  const [result] = report.results;
  assert.ok(result !== undefined && report.results.length === 1);
  return { report, result };
}

Deno.test("runFixtures() runs every fixture in its node host and reports in the order of their names", async () => {
  await withWorkflow({
    "tests/fixtures/ask.json": fixture({
      input: { word: "deno" },
      fetch: [{ service: "a", path: "/words/deno", body: { word: "deno" } }],
      expected: { word: "deno" },
    }),
    "tests/fixtures/ask.mock.json": fixture({
      input: { word: "x" },
      expected: { mock: true, service: "a", path: "/words/x" },
    }),
    "tests/fixtures/ask.refused.json": fixture({
      input: { word: "x" },
      fetch: [{ service: "a", path: "/words/x", status: 500 }],
      error: { code: "NODE_FAILED", message: "a answered 500" },
    }),
    "tests/fixtures/ask.bare.json": fixture({
      input: { bare: "https://a.example/direct" },
      fetch: [{ path: "https://a.example/direct", body: [1] }],
      expected: [1],
    }),
    "tests/fixtures/shout.json": fixture({ input: { word: "a" }, expected: "A" }),
    "tests/fixtures/shout.slow.json": fixture({ input: { hang: true }, error: "NODE_TIMEOUT" }),
    "tests/fixtures/shout.wrong.json": fixture({ input: { word: "b" }, expected: "b" }),
  }, async (dir) => {
    const told: string[] = [];
    const report = await runFixtures({ dir, onResult: ({ file }) => told.push(file) });
    assert.deepEqual(report.results.map(({ file, status }) => [file, status]), [
      ["tests/fixtures/ask.json", "passed"],
      ["tests/fixtures/ask.bare.json", "passed"],
      ["tests/fixtures/ask.mock.json", "passed"],
      ["tests/fixtures/ask.refused.json", "passed"],
      ["tests/fixtures/shout.json", "passed"],
      ["tests/fixtures/shout.slow.json", "passed"],
      ["tests/fixtures/shout.wrong.json", "failed"],
    ]);
    assert.deepEqual(told, report.results.map(({ file }) => file));
    assert.deepEqual(report.results.at(-1)?.failure, {
      kind: "output",
      differences: [{ kind: "changed", path: [], expected: "b", actual: "B" }],
    });
    assert.deepEqual([report.success, report.passed, report.failed], [false, 6, 1]);
    assert.deepEqual(report.coverage, { nodes: 2, covered: 2, percent: 100, missing: [] });
    assert.deepEqual(JSON.parse(JSON.stringify(report)).failed, 1);
  });
});

Deno.test("a fixture's config lies over the node's, and its secrets are the only ones", async () => {
  await withWorkflow({
    ".secrets/a": '{"token": "of-the-person"}',
    "tests/fixtures/ask.json": fixture({
      input: { inspect: true },
      config: { own: "f" },
      secrets: { a: { key: "of-the-fixture" } },
      expected: {
        config: { from_workflow: "w", both: "n", own: "f" },
        secrets: { a: { key: "of-the-fixture" } },
      },
    }),
    "tests/fixtures/ask.none.json": fixture({
      input: { inspect: true },
      match: "subset",
      expected: { secrets: {} },
    }),
  }, async (dir) => {
    const report = await runFixtures({ dir });
    assert.deepEqual(report.results.map(({ failure }) => failure), [undefined, undefined]);
  });
});

Deno.test("a request that no entry answers fails the fixture even when the node goes on", async () => {
  await withWorkflow({
    "tests/fixtures/ask.json": fixture({
      input: { word: "b", swallow: true },
      fetch: [{ service: "a", path: "/words/a" }],
      expected: "swallowed",
    }),
  }, async (dir) => {
    const { result } = await only({ dir });
    assert.equal(result.status, "failed");
    assert.deepEqual(result.failure, { kind: "unanswered", requests: ["GET a /words/b"] });
    assert.deepEqual(result.unusedAnswers, ["* a /words/a"]);
  });
});

Deno.test("update writes what came, keeps the rest of the file, and leaves errors alone", async () => {
  const before =
    '{\n  "match": "subset",\n  "expected": { "path": "old" },\n  "input":  { "word": "x" }\n}\n';
  await withWorkflow({
    "tests/fixtures/ask.json": before,
    "tests/fixtures/shout.json": '{ "input": { "word": "a" } }',
    "tests/fixtures/shout.error.json": fixture({ input: { word: "a" }, error: "NODE_TIMEOUT" }),
  }, async (dir) => {
    const first = await runFixtures({ dir });
    assert.deepEqual(first.results.map(({ failure }) => failure?.kind), [
      "output",
      "unwritten",
      "no-error",
    ]);
    const updated = await runFixtures({ dir, update: true });
    assert.deepEqual(updated.results.map(({ status }) => status), ["updated", "updated", "failed"]);
    const read = (name: string): Promise<string> =>
      Deno.readTextFile(`${dir}/tests/fixtures/${name}`);
    assert.equal(
      await read("ask.json"),
      before.replace('{ "path": "old" }', '{\n    "path": "/words/x"\n  }'),
    );
    assert.equal(
      await read("shout.json"),
      '{ "input": { "word": "a" },\n  "expected": "A"\n}',
    );
    const again = await runFixtures({ dir });
    assert.deepEqual(again.results.map(({ status }) => status), ["passed", "passed", "failed"]);
    assert.equal((await Array.fromAsync(Deno.readDir(`${dir}/tests/fixtures`))).length, 3);
  });
});

Deno.test("a pipeline fixture compares the result of the run, and outputs of single nodes", async () => {
  await withWorkflow({
    "tests/fixtures/pipeline.json": fixture({
      input: { word: "go" },
      fetch: [{ service: "a", path: "/words/go", body: { word: "went" } }],
      expected: "WENT",
      outputs: { ask: { word: "went" } },
    }),
    "tests/fixtures/pipeline.bad.json": fixture({
      input: { word: 1 },
      error: "INPUT_INVALID",
    }),
    "tests/fixtures/pipeline.fails.json": fixture({
      fetch: [{ service: "a", path: "/words/hi", status: 404 }],
      error: { code: "NODE_FAILED", message: "a answered 404" },
    }),
    "tests/fixtures/pipeline.wrong.json": fixture({
      fetch: [{ service: "a", path: "/words/hi", body: { word: "x" } }],
      expected: "Y",
      outputs: { ask: { word: "y" }, none: 1 },
    }),
    "tests/fixtures/shout.json": fixture({ input: { word: "a" }, expected: "A" }),
  }, async (dir) => {
    const report = await runFixtures({ dir, pipeline: true });
    assert.deepEqual(report.results.map(({ caseName, status }) => [caseName, status]), [
      [undefined, "passed"],
      ["bad", "passed"],
      ["fails", "passed"],
      ["wrong", "failed"],
    ]);
    assert.deepEqual(report.results.at(-1)?.failure, {
      kind: "output",
      differences: [
        { kind: "changed", path: [], expected: "Y", actual: "X" },
        { kind: "changed", path: ["outputs", "ask", "word"], expected: "y", actual: "x" },
        { kind: "missing", path: ["outputs", "none"], expected: 1 },
      ],
    });
    assert.equal((await runFixtures({ dir })).results.length, 5, "and pd test runs all there are");
  });
});

Deno.test("without a pipeline fixture the whole workflow has to succeed, and update writes one", async () => {
  await withWorkflow({}, async (dir) => {
    const first = await only({ dir, pipeline: true });
    assert.equal(first.result.status, "passed");
    const file = `${dir}/tests/fixtures/pipeline.json`;
    await assert.rejects(Deno.stat(file));
    const written = await only({ dir, pipeline: true, update: true });
    assert.equal(written.result.status, "updated");
    assert.equal(
      await Deno.readTextFile(file),
      '{\n  "input": {},\n  "expected": "UNDEFINED"\n}\n',
    );
  });
});

Deno.test("runFixtures() says what is missing: an unknown node, a node or a workflow without fixtures", async () => {
  await withWorkflow({
    "tests/fixtures/ask.json": fixture({
      input: { word: "x" },
      expected: { mock: true },
      match: "subset",
    }),
  }, async (dir) => {
    await assert.rejects(runFixtures({ dir, node: "shuot" }), {
      code: "TARGET_NOT_FOUND",
      message: /there is no such node \(did you mean "shout"\?\)$/,
    });
    await assert.rejects(runFixtures({ dir, node: "shout" }), {
      code: "FIXTURE_MISSING",
      message: /tests\/fixtures\/shout\.json$/,
    });
    const { report } = await only({ dir, node: "ask" });
    assert.deepEqual(report.coverage.missing, ["shout"]);
    assert.equal(report.coverage.percent, 50);
  });
  await withWorkflow({}, async (dir) => {
    await assert.rejects(runFixtures({ dir }), {
      code: "FIXTURE_MISSING",
      fix: /> \S+\/tests\/fixtures\/[a-z]+\.json && /,
    });
  });
});

Deno.test("a file that is no fixture fails the report, and the others run", async () => {
  await withWorkflow({
    "tests/fixtures/shout.json": fixture({ input: { word: "a" }, expected: "A" }),
    "tests/fixtures/shout.broken.json": "{",
  }, async (dir) => {
    const { report } = await only({ dir });
    assert.deepEqual([report.success, report.passed, report.problems.length], [false, 1, 1]);
  });
});

Deno.test("an abort ends the tests, and nothing is left behind", async () => {
  await withWorkflow({
    "tests/fixtures/shout.json": fixture({ input: { hang: true }, expected: 1 }),
    "tests/fixtures/ask.json": fixture({ input: { word: "a" }, expected: 1 }),
  }, async (dir) => {
    const abort = new AbortController();
    const reason = new Error("interrupted");
    const running = runFixtures({
      dir,
      signal: abort.signal,
      concurrency: 1,
      onResult: () => abort.abort(reason),
    });
    await assert.rejects(running, reason);
  });
});
