import assert from "node:assert/strict";
import { DriverError } from "./driver_error.ts";
import { DriverRuns } from "./driver_runs.ts";

/** A driver whose first `failures` removals fail. */
function flaky(failures: number, error: Error = new Error("busy")) {
  const removed: string[] = [];
  let left = failures;
  const runs = new DriverRuns((runId) => {
    if (left-- > 0) return Promise.reject(error);
    removed.push(runId);
    return Promise.resolve();
  });
  return { runs, removed };
}

const UNAVAILABLE = new DriverError("DRIVER_UNAVAILABLE", "Cannot reach it as it is down");

Deno.test("a run whose removal failed is removed when it is ended again", async () => {
  const { runs, removed } = flaky(1);
  await runs.track("a", () => Promise.resolve());
  await assert.rejects(runs.end("a"), /busy/);
  await runs.end("a");
  assert.deepEqual(removed, ["a"]);
  await runs.end("a");
  assert.deepEqual(removed, ["a"]);
});

Deno.test("a run whose removal failed is removed when the driver ends", async () => {
  const { runs, removed } = flaky(1);
  await runs.track("a", () => Promise.resolve());
  await assert.rejects(runs.end("a"), /busy/);
  await runs.endAll();
  assert.deepEqual(removed, ["a"]);
});

Deno.test("a run whose removal failed is removed when another run begins", async () => {
  const { runs, removed } = flaky(1);
  await runs.track("a", () => Promise.resolve());
  await assert.rejects(runs.end("a"), /busy/);
  await runs.track("b", () => Promise.resolve());
  await runs.end("b");
  assert.deepEqual(removed, ["a", "b"]);
});

Deno.test("a run that goes on after a removal that failed begins with nothing left", async () => {
  const { runs, removed } = flaky(1);
  await runs.track("a", () => Promise.resolve());
  await assert.rejects(runs.end("a"), /busy/);
  assert.deepEqual(await runs.track("a", () => Promise.resolve([...removed])), ["a"]);
  await runs.end("a");
});

Deno.test("endAll() ends every run, and rejects when one of them could not be removed", async () => {
  const { runs, removed } = flaky(1);
  for (const id of ["a", "b", "c"]) await runs.track(id, () => Promise.resolve());
  await assert.rejects(runs.endAll(), /busy/);
  assert.deepEqual(removed, ["b", "c"]);
  await runs.endAll();
  assert.deepEqual(removed, ["b", "c", "a"]);
});

Deno.test("the end of a run that never reached its daemon is no error", async () => {
  const { runs, removed } = flaky(1, UNAVAILABLE);
  await assert.rejects(runs.track("a", () => Promise.reject(UNAVAILABLE)), {
    code: UNAVAILABLE.code,
  });
  await runs.end("a");
  await runs.endAll();
  assert.deepEqual(removed, []);
});
