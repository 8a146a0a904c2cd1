import assert from "node:assert/strict";
import { FakeClock } from "../../clock/mod.ts";
import type { Registry } from "../../registry/mod.ts";
import { JobViews } from "./job_views.ts";

Deno.test("a job by its former id is looked for again when the storage did not answer", async () => {
  let asked = 0;
  const listRuns = () => ++asked === 1 ? Promise.reject(new Error("down")) : Promise.resolve([]);
  const registry = {
    subscribe: () => () => {},
    findRun: () => Promise.resolve(undefined),
    list: () => [],
    storage: { listRuns, onChange: () => () => {} },
  } as unknown as Registry;
  const jobs = new JobViews({ registry, clock: new FakeClock(0) });
  await assert.rejects(jobs.find("00000000-0000-4000-8000-000000000000"), /down/);
  for (let time = 0; time < 2; time++) {
    assert.equal(await jobs.find("00000000-0000-4000-8000-000000000000"), undefined);
  }
  assert.equal(asked, 2);
});
