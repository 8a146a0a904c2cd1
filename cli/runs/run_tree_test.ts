import assert from "node:assert/strict";
import { loadColors } from "../terminal/mod.ts";
import {
  DEAD,
  FAILED_EVENTS,
  FAILED_UPDATE,
  idAt,
  type SampleRun,
  START,
  withRuns,
} from "./_sample_runs.ts";
import { readReport } from "./run_report.ts";
import { renderRunTree } from "./run_tree.ts";
import { showRun } from "./shown_run.ts";

const FAILED: SampleRun = {
  id: idAt(START, "1"),
  trigger: { type: "cron", name: "daily", scheduledAt: START },
  input: { topic: "deno", token: { $secret: "news.token" } },
  events: FAILED_EVENTS,
  update: FAILED_UPDATE,
};

const LEFT: SampleRun = {
  id: idAt(START, "2"),
  owner: DEAD,
  trigger: { type: "retry", of: FAILED.id, from: "parse" },
  events: [
    { kind: "run.started", workflow: "digest", version: "1.0", input: {}, trigger: null },
    { kind: "node.succeeded", node: "fetch", attempt: 0, durationMs: 0, output: [1] },
    { kind: "run.resumed", done: 1, unfinished: 0 },
    { kind: "node.started", node: "parse", attempt: 1 },
  ],
};

async function tree(
  run: SampleRun,
  options: { readonly columns?: number; readonly isFull?: boolean } = {},
): Promise<string> {
  let text = "";
  await withRuns([run], async (storage) => {
    const stored = await storage.getRun(run.id);
    assert.ok(stored);
    text = renderRunTree(await showRun(stored, storage), await readReport(stored, storage), {
      columns: options.columns,
      colors: await loadColors(false),
      now: START + 60_000,
      isFull: options.isFull ?? false,
      timeZone: "UTC",
    });
  });
  return text;
}

Deno.test("a failed run is shown with attempts, errors, fixes, inputs and outputs, cut to the terminal", async (t) => {
  await t.assertSnapshot(`\n${await tree(FAILED)}\n`);
  await t.assertSnapshot(`\n${await tree(FAILED, { columns: 60 })}\n`);
});

Deno.test("--full shows values as they are, and secrets as ***", async (t) => {
  const text = await tree(FAILED, { isFull: true });
  assert.ok(!text.includes("$secret"));
  assert.match(text, /"token": "\*\*\*"/);
  await t.assertSnapshot(`\n${text}\n`);
});

Deno.test("an interrupted run says whose it was, how to go on, and what it took over", async (t) => {
  await t.assertSnapshot(`\n${await tree(LEFT)}\n`);
});
