import assert from "node:assert/strict";
import { loadColors } from "../terminal/mod.ts";
import {
  addRun,
  DEAD,
  FAILED_EVENTS,
  FAILED_UPDATE,
  idAt,
  START,
  succeeded,
  withRuns,
} from "./_sample_runs.ts";
import { listShown } from "./list_shown.ts";
import { renderRunTable } from "./run_table.ts";
import { shortIds } from "./short_ids.ts";
import type { ShownRun } from "./shown_run.ts";

const RUNS = [
  succeeded({ id: idAt(START, "1"), trigger: { type: "cron", name: "daily" } }),
  {
    id: idAt(START + 1_000, "2"),
    at: START + 1_000,
    events: FAILED_EVENTS,
    update: FAILED_UPDATE,
    trigger: { type: "webhook", path: "/github" },
  },
  { id: idAt(START + 2_000, "3"), at: START + 2_000, owner: DEAD },
  { id: idAt(START + 3_000, "4"), at: START + 3_000, workflow: "a-workflow-with-a-long-name" },
  { id: idAt(START + 3_000, "5"), at: START + 3_000, status: "queued" as const },
];

async function table(columns: number | undefined): Promise<string> {
  let text = "";
  await withRuns(RUNS, async (storage) => {
    await storage.requestCancel(idAt(START + 3_000, "4"));
    const runs: ShownRun[] = [];
    for await (const run of listShown(storage, {})) runs.push(run);
    text = renderRunTable(runs, {
      shortIds: await shortIds(runs.map(({ record }) => record), storage),
      columns,
      colors: await loadColors(false),
      now: START + 60_000,
    });
  });
  return text;
}

for (const columns of [undefined, 120, 80, 50]) {
  Deno.test(`a table of runs fits ${columns ?? "a pipe"}`, async (t) => {
    const text = await table(columns);
    for (const line of text.split("\n")) assert.ok(line.length <= (columns ?? Infinity), line);
    await t.assertSnapshot(`\n${text}\n`);
  });
}

Deno.test("listShown() filters by what is shown: a run of a dead engine is interrupted", () =>
  withRuns(RUNS, async (storage) => {
    async function ids(status: "running" | "interrupted" | "queued"): Promise<string[]> {
      const found: string[] = [];
      for await (const { record } of listShown(storage, { status: [status], pageSize: 2 })) {
        found.push(record.runId);
      }
      return found;
    }
    assert.deepEqual(await ids("interrupted"), [RUNS[2]?.id]);
    assert.deepEqual(await ids("running"), [RUNS[3]?.id]);
    assert.deepEqual(await ids("queued"), [RUNS[4]?.id]);
  }));

Deno.test("shortIds() are the time of a run, longer only where that is not enough", () =>
  withRuns([], async (storage) => {
    for (const end of ["1", "2"]) await addRun(storage, { id: idAt(START, end) });
    await addRun(storage, { id: idAt(START + 20, "3"), at: START + 20 });
    const runs = await storage.listRuns({ limit: 10 });
    assert.deepEqual([...(await shortIds(runs, storage)).values()], [
      idAt(START + 20, "3").slice(0, 13),
      idAt(START, "2").slice(0, 18),
      idAt(START, "1").slice(0, 18),
    ]);
  }));
