import assert from "node:assert/strict";
import type { CronTriggerSpec, TriggerSpec } from "../spec/mod.ts";
import { FakeStorage, SettableClock } from "./_fake_host.ts";
import { cronTriggers, openTriggers } from "./mod.ts";

function cron(name: string | undefined, schedule = "0 * * * *"): CronTriggerSpec {
  return {
    type: "cron",
    name,
    schedule,
    timezone: "UTC",
    overlap: "forbid",
    catchUp: "none",
    catchUpWindowMs: 0,
    jitterMs: 0,
  };
}

const MANUAL: TriggerSpec = { type: "manual", name: undefined };

Deno.test("cronTriggers() names those without a name by their position, beside the names of authors", () => {
  const named = cronTriggers([cron(undefined), MANUAL, cron("daily"), cron(undefined)]);
  assert.deepEqual(named.map(({ name }) => name), ["cron-0", "daily", "cron-2"]);
  const taken = cronTriggers([cron("cron-1"), cron(undefined)]);
  assert.deepEqual(taken.map(({ name }) => name), ["cron-1", "cron-1-unnamed"]);
});

Deno.test("openTriggers() opens the schedules, drains all of them and leaves no timer", async () => {
  const storage = new FakeStorage();
  const clock = new SettableClock("2026-05-01T09:59:00Z");
  const specs = [MANUAL, cron("hourly"), cron(undefined, "*/30 * * * *")];
  const host = storage.host(clock);
  const triggers = await openTriggers(specs, host, { cron: true, dir: "/nowhere" });
  assert.deepEqual(triggers.list.map(({ type, name }) => `${type} ${name}`), [
    "cron hourly",
    "cron cron-1",
  ]);
  await clock.advance(60_000);
  assert.equal(storage.journal.length, 2);
  await triggers.drain();
  assert.equal(clock.pending, 0);
  await triggers[Symbol.asyncDispose]();
});

Deno.test("openTriggers() leaves schedules alone that CronJobs keep", async () => {
  const clock = new SettableClock("2026-05-01T09:59:00Z");
  await using triggers = await openTriggers([cron("daily")], new FakeStorage().host(clock), {
    cron: false,
    dir: "/nowhere",
  });
  assert.deepEqual(triggers.list, []);
  assert.equal(clock.pending, 0);
});

Deno.test("openTriggers() leaves none open when one cannot be opened", async () => {
  const clock = new SettableClock("2026-05-01T09:59:00Z");
  const specs = [cron("good"), cron("bad", "not a schedule")];
  await assert.rejects(
    openTriggers(specs, new FakeStorage().host(clock), { cron: true, dir: "/nowhere" }),
  );
  assert.equal(clock.pending, 0);
});
