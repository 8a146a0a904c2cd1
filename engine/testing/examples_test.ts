import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { JsonValue } from "../json/mod.ts";
import { openWorkflow } from "../workflow/mod.ts";
import { RECORDINGS_FOLDER } from "./load_recordings.ts";
import { replayFrom } from "./replay_from.ts";
import { runFixtures } from "./run_fixtures.ts";

const EXAMPLES = fileURLToPath(new URL("../../examples", import.meta.url));

/** What each example is run with, and the last node of it. */
const RUNS: { name: string; last: string; input: JsonValue }[] = [
  { name: "hello", last: "frame", input: { name: "Ada" } },
  { name: "hn-digest", last: "format", input: {} },
  { name: "hn-digest", last: "format", input: { topic: "sqlite", limit: 12 } },
  { name: "github-digest", last: "digest", input: {} },
  { name: "pr-digest", last: "format", input: {} },
];

/** Examples that need programs or containers: they are run where the drivers are, in `e2e/`. */
const ELSEWHERE: readonly string[] = ["mixed", "pipelines"];

Deno.test("every example is run by these tests", async () => {
  const folders = await Array.fromAsync(Deno.readDir(EXAMPLES));
  for (const { name, isDirectory } of folders) {
    if (!isDirectory || ELSEWHERE.includes(name)) continue;
    assert.ok(RUNS.some((run) => run.name === name), name);
  }
});

for (const name of new Set(RUNS.map((run) => run.name))) {
  Deno.test(`the fixtures of examples/${name} pass and cover every node`, async () => {
    const report = await runFixtures({ dir: `${EXAMPLES}/${name}` });
    assert.deepEqual(report.problems, []);
    const failures = report.results.filter(({ status }) => status !== "passed");
    assert.deepEqual(failures, []);
    assert.deepEqual(report.coverage.missing, []);
    assert.ok(report.results.some(({ kind }) => kind === "pipeline"));
  });
}

for (const { name, last, input } of RUNS) {
  const title = `examples/${name} with ${JSON.stringify(input)} answers from its recordings`;
  Deno.test(title, async (t) => {
    const dir = `${EXAMPLES}/${name}`;
    const http = replayFrom(`${dir}/${RECORDINGS_FOLDER}`);
    await using workflow = await openWorkflow({ dir, http });
    assert.deepEqual(workflow.current.diagnostics, []);
    const result = await (await workflow.start(input)).result;
    assert.deepEqual(result.errors, {});
    await t.assertSnapshot(String(result.outputs[last]));
  });
}
