import assert from "node:assert/strict";
import { FakeClock } from "../clock/mod.ts";
import type { Retention, Storage } from "../storage/mod.ts";
import { RetentionLoop } from "./retention.ts";

const HOUR_MS = 3_600_000;

/** A loop over a storage that only writes down what is to be deleted. */
function loop(config: { periodMs: number; count: number | undefined }) {
  const clock = new FakeClock(1_000_000_000);
  const asked: Retention[] = [];
  const storage = {
    kind: "memory",
    applyRetention(retention: Retention) {
      asked.push(retention);
      return Promise.resolve(0);
    },
  } as unknown as Storage;
  const retention = new RetentionLoop({ storage, workflowKey: "w", clock, config: () => config });
  return { clock, asked, retention, config };
}

Deno.test("with a count, runs that end together are followed by one deletion soon after", async () => {
  const { clock, asked, retention } = loop({ periodMs: 24 * HOUR_MS, count: 3 });
  retention.start();
  for (let i = 0; i < 5; i++) retention.ended();
  await clock.advance(1_000);
  assert.deepEqual(asked.map(({ maxCount }) => maxCount), [3]);
  await clock.advance(10_000);
  assert.equal(asked.length, 1);
  retention.ended();
  await clock.advance(1_000);
  assert.equal(asked.length, 2);
  await retention[Symbol.asyncDispose]();
});

Deno.test("without a count the end of a run deletes nothing before the hour", async () => {
  const { clock, asked, retention } = loop({ periodMs: 24 * HOUR_MS, count: undefined });
  retention.start();
  retention.ended();
  await clock.advance(HOUR_MS - 1);
  assert.equal(asked.length, 0);
  await clock.advance(1);
  assert.equal(asked.length, 1);
  await retention[Symbol.asyncDispose]();
});

Deno.test("a short period is looked at as often as it is long, also after a reload", async () => {
  const { clock, asked, retention, config } = loop({ periodMs: 24 * HOUR_MS, count: undefined });
  retention.start();
  config.periodMs = 20_000;
  retention.configure();
  await clock.advance(20_000);
  assert.equal(asked.length, 1);
  config.periodMs = 1;
  await clock.advance(20_000);
  assert.equal(asked.length, 2);
  await clock.advance(10_000);
  assert.equal(asked.length, 3);
  await retention[Symbol.asyncDispose]();
});

Deno.test("an engine that does not live long deletes nothing at the end of a run", async () => {
  const { clock, asked, retention } = loop({ periodMs: 1_000, count: 1 });
  retention.ended();
  retention.configure();
  await clock.advance(HOUR_MS);
  assert.equal(asked.length, 0);
  await retention[Symbol.asyncDispose]();
});

Deno.test("with a short period a run goes when it is due, and one that ended after it when that is", async () => {
  const { clock, asked, retention } = loop({ periodMs: 2_000, count: undefined });
  retention.start();
  retention.ended();
  await clock.advance(1_500);
  retention.ended();
  assert.equal(asked.length, 0);
  await clock.advance(510);
  assert.equal(asked.length, 1);
  assert.ok((asked[0]?.completedBefore ?? 0) > 1_000_000_000);
  await clock.advance(2_010);
  assert.equal(asked.length, 2);
  await clock.advance(5_000);
  assert.equal(asked.length, 2);
  await retention[Symbol.asyncDispose]();
});
