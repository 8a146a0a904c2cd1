import assert from "node:assert/strict";
import type { RunSummary } from "./api_types.ts";
import { isShown, queryOf, readFilter, withRun } from "./run_pages.ts";

function run(runId: string, createdAt: number, also: Partial<RunSummary> = {}): RunSummary {
  return {
    runId,
    workflow: "demo",
    version: "1.0",
    status: "running",
    trigger: null,
    createdAt,
    startedAt: createdAt,
    completedAt: null,
    durationMs: 0,
    error: null,
    ...also,
  };
}

Deno.test("a filter is read from the address, and asked of the API", () => {
  const filter = readFilter(new URLSearchParams("workflow=a&status=failed&status=odd&since=1h"));
  assert.deepEqual(filter, { workflow: ["a"], status: ["failed"], since: "1h" });
  assert.equal(queryOf(filter, 3_660_500), "workflow=a&status=failed&since=60000");
  assert.equal(queryOf(readFilter(new URLSearchParams("since=soon")), 0), "");
});

Deno.test("a list takes a new run at its top, a changed one in its place, and lets go of others", () => {
  const list = [run("b", 20), run("a", 10)];
  const ids = (runs: readonly RunSummary[]) => runs.map(({ runId }) => runId).join("");
  assert.equal(ids(withRun(list, run("c", 30), true)), "cba");
  assert.equal(withRun(list, run("a", 10, { status: "failed" }), true)[1]?.status, "failed");
  assert.equal(ids(withRun(list, run("b", 20), false)), "a");
  assert.equal(withRun(list, run("0", 1), true), list, "it comes with its page");
  assert.equal(ids(withRun([], run("a", 10), true)), "a");
});

Deno.test("a run is shown when every part of the filter means it", () => {
  const filter = { workflow: ["demo"], status: ["running"], since: "1h" };
  assert.equal(isShown(run("a", 3_600_000), filter, 3_600_000), true);
  assert.equal(isShown(run("a", 3_600_000, { status: "failed" }), filter, 3_600_000), false);
  assert.equal(isShown(run("a", 1), filter, 7_200_000), false);
});
