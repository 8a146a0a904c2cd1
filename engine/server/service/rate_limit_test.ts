import assert from "node:assert/strict";
import { FakeClock } from "../../clock/mod.ts";
import { RateLimit } from "./rate_limit.ts";

Deno.test("a caller may take its burst, then as much as comes with time", async () => {
  const clock = new FakeClock();
  const limit = new RateLimit({ perSecond: 2, burst: 3 }, clock);
  assert.deepEqual([1, 2, 3, 4].map(() => limit.take("ann")), [0, 0, 0, 500]);
  await clock.advance(499);
  assert.equal(limit.take("ann"), 1);
  await clock.advance(1);
  assert.equal(limit.take("ann"), 0);
  await clock.advance(3_600_000);
  assert.deepEqual([1, 2, 3, 4].map(() => limit.take("ann")), [0, 0, 0, 500]);
});

Deno.test("what is refused takes nothing: patience is enough", async () => {
  const clock = new FakeClock();
  const limit = new RateLimit({ perSecond: 1, burst: 1 }, clock);
  limit.take("ann");
  for (let count = 0; count < 100; count++) assert.equal(limit.take("ann"), 1000);
  await clock.advance(1000);
  assert.equal(limit.take("ann"), 0);
});

Deno.test("however many callers there are, memory is bounded, and the busy ones are known", () => {
  const limit = new RateLimit({ perSecond: 0.001, burst: 1 }, new FakeClock());
  limit.take("ann");
  for (let index = 0; index < 30_000; index++) {
    limit.take(`address ${index}`);
    if (index % 1000 === 0) assert.ok(limit.take("ann") > 0);
  }
  assert.equal(limit.size, 10_000);
});
