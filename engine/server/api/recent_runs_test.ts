import assert from "node:assert/strict";
import { FakeClock } from "../../clock/mod.ts";
import type { RunEvent } from "../../executor/mod.ts";
import type { RegisteredWorkflow, Registry } from "../../registry/mod.ts";
import { RecentRuns } from "./recent_runs.ts";

/** Workflows that count how often their runs are read. */
function setUp(count: number) {
  const seen = { reads: 0 };
  let tell: Parameters<Registry["subscribe"]>[0] = () => {};
  const entries = Array.from({ length: count }, () => ({
    workflow: {
      runs() {
        seen.reads++;
        return Promise.resolve([]);
      },
    },
  } as unknown as RegisteredWorkflow));
  const recent = new RecentRuns({
    subscribe(listener) {
      tell = listener;
      return () => {};
    },
  }, new FakeClock(1_000_000));
  const changed = (entry: RegisteredWorkflow) => tell({ kind: "run.started" } as RunEvent, entry);
  return { seen, entries, recent, changed };
}

Deno.test("recent runs of many workflows are read some at a time: other requests get their turn", async () => {
  const { seen, entries, recent } = setUp(100);
  const all = Promise.all(entries.map((entry) => recent.of(entry)));
  for (let i = 0; i < 50; i++) await Promise.resolve();
  assert.ok(seen.reads > 0 && seen.reads <= 16, `${seen.reads} were read in one turn`);
  await all;
  assert.equal(seen.reads, 100);
});

Deno.test("recent runs are read again only of the workflow that has changed", async () => {
  const { seen, entries, recent, changed } = setUp(3);
  const list = () => Promise.all(entries.map((entry) => recent.of(entry)));
  await list();
  await list();
  assert.equal(seen.reads, 3);
  for (const entry of entries.slice(0, 1)) changed(entry);
  await list();
  assert.equal(seen.reads, 4);
});
