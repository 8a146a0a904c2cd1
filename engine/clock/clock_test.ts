import assert from "node:assert/strict";
import { FakeClock, sleep, systemClock } from "./mod.ts";

Deno.test("systemClock waits for a delay that is longer than a timer of the runtime", async () => {
  let hasFired = false;
  const cancel = systemClock.after(2 ** 31 + 1_000, () => hasFired = true);
  await new Promise<void>((resolve) => systemClock.after(5, resolve));
  cancel();
  cancel();
  assert.equal(hasFired, false);
});

Deno.test("systemClock tells epoch time, and time that only passes", () => {
  assert.ok(Math.abs(systemClock.now() - Date.now()) < 1_000);
  const before = systemClock.monotonic();
  assert.ok(systemClock.monotonic() >= before);
});

Deno.test("sleep() ends with its time, and at once with its signal", async () => {
  const clock = new FakeClock();
  const slept = sleep(100, clock);
  await clock.advance(100);
  assert.equal(await slept, true);

  const controller = new AbortController();
  const interrupted = sleep(100, clock, controller.signal);
  controller.abort();
  assert.equal(await interrupted, false);
  assert.equal(await sleep(100, clock, controller.signal), false);
  assert.equal(clock.pending, 0);
});
