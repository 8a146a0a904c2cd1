import assert from "node:assert/strict";
import { FakeClock } from "../../clock/mod.ts";
import { RateLimit } from "./rate_limit.ts";

/** When each of `count` callers, who all ask at once, may pass. */
async function passesOf(perSecond: number, count: number): Promise<number[]> {
  const clock = new FakeClock();
  const limit = new RateLimit(perSecond, clock);
  const passed: number[] = [];
  for (let index = 0; index < count; index++) {
    void limit.take(new AbortController().signal).then(() => passed.push(clock.now()));
  }
  await clock.advance(60_000);
  return passed;
}

Deno.test("RateLimit lets callers pass evenly, in their order", async () => {
  assert.deepEqual(await passesOf(4, 5), [0, 250, 500, 750, 1_000]);
  assert.deepEqual(await passesOf(0.5, 3), [0, 2_000, 4_000]);
});

Deno.test("RateLimit lets no more than a twentieth of a second's worth pass at once", async () => {
  const passed = await passesOf(100, 150);
  assert.equal(passed.filter((at) => at === 0).length, 5);
  assert.equal(passed.filter((at) => at < 1_000).length, 104);
  assert.equal(passed.length, 150);
});

Deno.test("RateLimit does not save up what nobody used", async () => {
  const clock = new FakeClock();
  const limit = new RateLimit(2, clock);
  await limit.take(new AbortController().signal);
  await clock.advance(10_000);
  const passed: number[] = [];
  for (let index = 0; index < 3; index++) {
    void limit.take(new AbortController().signal).then(() => passed.push(clock.now()));
  }
  await clock.advance(2_000);
  assert.deepEqual(passed, [10_000, 10_500, 11_000]);
});

Deno.test("RateLimit stops waiting when it is told to", async () => {
  const clock = new FakeClock();
  const limit = new RateLimit(1, clock);
  const abort = new AbortController();
  assert.equal(await limit.take(abort.signal), true);
  const waiting = limit.take(abort.signal);
  abort.abort();
  assert.equal(await waiting, false);
  assert.equal(await limit.take(abort.signal), false);
  assert.equal(clock.pending, 0);
});
