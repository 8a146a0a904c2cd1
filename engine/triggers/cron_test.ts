import assert from "node:assert/strict";
import { CodedError } from "../errors/mod.ts";
import type { CronTriggerSpec } from "../spec/mod.ts";
import { StorageError } from "../storage/mod.ts";
import { FakeStorage, SettableClock } from "./_fake_host.ts";
import { openCronTrigger } from "./cron.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function cron(schedule: string, spec: Partial<CronTriggerSpec> = {}): CronTriggerSpec {
  return {
    type: "cron",
    name: "daily",
    schedule,
    timezone: "UTC",
    overlap: "forbid",
    catchUp: "none",
    catchUpWindowMs: 24 * HOUR,
    jitterMs: 0,
    ...spec,
  };
}

interface Stage {
  readonly storage: FakeStorage;
  readonly clock: SettableClock;
}

function stage(start: string): Stage {
  return { storage: new FakeStorage(), clock: new SettableClock(start) };
}

Deno.test("a cron trigger starts a run at each tick, with its name as input and what started it", async () => {
  const { storage, clock } = stage("2026-05-01T08:30:00Z");
  await using trigger = await openCronTrigger(
    cron("0 * * * *"),
    storage.host(clock, { runMs: 1_000 }),
  );
  assert.equal(trigger.name, "daily");
  await clock.advance(2 * HOUR);
  assert.deepEqual(storage.journal, [
    "05-01 09:00:00 started run-1 of 05-01 09:00:00",
    "05-01 10:00:00 started run-2 of 05-01 10:00:00",
  ]);
  assert.deepEqual(storage.lastInput, { trigger: "daily" });
  const { idempotency, trigger: info } = storage.lastStart ?? {};
  assert.deepEqual(info, {
    type: "cron",
    name: "daily",
    scheduledAt: "2026-05-01T10:00:00.000Z",
    firedAt: "2026-05-01T10:00:00.000Z",
  });
  assert.equal(idempotency?.key, "cron:daily:2026-05-01T10:00:00.000Z");
  assert.deepEqual(storage.state("daily"), {
    scheduledAt: Date.parse("2026-05-01T10:00:00Z"),
    schedule: "0 * * * * UTC",
  });
});

Deno.test("a cron trigger without a name sends no input, and goes by its position", async () => {
  const { storage, clock } = stage("2026-05-01T08:59:00Z");
  const spec = cron("0 * * * *", { name: undefined });
  await using trigger = await openCronTrigger(spec, storage.host(clock), { name: "cron-3" });
  await clock.advance(MINUTE);
  assert.equal(trigger.name, "cron-3");
  assert.deepEqual(storage.lastInput, {});
  assert.equal(storage.lastStart?.trigger["name"], "cron-3");
});

const CHANGES = [
  {
    name: "Berlin in spring: 02:30 is left out, and fires at 03:00",
    spec: cron("30 2 * * *", { timezone: "Europe/Berlin" }),
    from: "2026-03-28T00:00:00Z",
    want: ["03-28 01:30:00", "03-29 01:00:00", "03-30 00:30:00"],
  },
  {
    name: "Berlin in autumn: 02:30 comes twice, and fires the first time",
    spec: cron("30 2 * * *", { timezone: "Europe/Berlin" }),
    from: "2026-10-24T00:00:00Z",
    want: ["10-24 00:30:00", "10-25 00:30:00", "10-26 01:30:00"],
  },
  {
    name: "New York in spring",
    spec: cron("30 2 * * *", { timezone: "America/New_York" }),
    from: "2026-03-07T00:00:00Z",
    want: ["03-07 07:30:00", "03-08 07:00:00", "03-09 06:30:00"],
  },
  {
    name: "New York in autumn",
    spec: cron("30 1 * * *", { timezone: "America/New_York" }),
    from: "2026-10-31T00:00:00Z",
    want: ["10-31 05:30:00", "11-01 05:30:00", "11-02 06:30:00"],
  },
  {
    name: "29 February",
    spec: cron("0 12 29 2 *"),
    from: "2028-02-28T00:00:00Z",
    want: ["02-29 12:00:00"],
  },
];

for (const { name, spec, from, want } of CHANGES) {
  Deno.test(`a cron trigger fires as the clocks change: ${name}`, async () => {
    const { storage, clock } = stage(from);
    await using _trigger = await openCronTrigger(spec, storage.host(clock, { runMs: 1_000 }));
    await clock.advance(72 * HOUR);
    assert.deepEqual(storage.journal.map((line) => line.slice(0, 14)), want);
  });
}

const STOPS = [
  { catchUp: "none", want: ["12:10 missed 2", "12:10 warn: 2 ticks were missed", "13:00 run-2"] },
  {
    catchUp: "last",
    want: [
      "12:10 missed 1",
      "12:10 warn: 1 ticks were missed",
      "12:10 run-2 of 12:00",
      "12:10 lag_ms 600000",
      "13:00 run-3",
    ],
  },
  {
    catchUp: "all",
    want: [
      "12:10 run-2 of 11:00",
      "12:10 lag_ms 4200000",
      "12:11 run-3 of 12:00",
      "12:11 lag_ms 660000",
      "13:00 run-4",
    ],
  },
  {
    catchUp: "all",
    windowMs: HOUR,
    want: [
      "12:10 missed 1",
      "12:10 warn: 1 ticks were missed",
      "12:10 run-2 of 12:00",
      "12:10 lag_ms 600000",
      "13:00 run-3",
    ],
  },
] as const;

for (const { catchUp, want, ...rest } of STOPS) {
  const windowMs = "windowMs" in rest ? rest.windowMs : 24 * HOUR;
  Deno.test(`after a stop of two hours, catch_up: ${catchUp} within ${windowMs / HOUR} h`, async () => {
    const { storage, clock } = stage("2026-05-01T09:59:00Z");
    const spec = cron("0 * * * *", { catchUp, catchUpWindowMs: windowMs });
    const before = await openCronTrigger(spec, storage.host(clock, { runMs: MINUTE }));
    await clock.advanceTo("2026-05-01T10:10:00Z");
    await before[Symbol.asyncDispose]();
    await clock.advanceTo("2026-05-01T12:10:00Z");
    assert.equal(storage.journal.length, 1);
    await using _after = await openCronTrigger(spec, storage.host(clock, { runMs: MINUTE }));
    await clock.advanceTo("2026-05-01T13:00:00Z");
    assert.deepEqual(storage.journal.slice(1).map(short), want);
  });
}

/** `05-01 12:10:00 started run-2 of 05-01 12:00:00` → `12:10 run-2 of 12:00`; on time, without "of". */
function short(line: string): string {
  return line
    .replaceAll(/\d\d-\d\d (\d\d:\d\d):00/g, "$1")
    .replace("started ", "")
    .replace(/^(\S+) (\S+) of \1$/, "$1 $2");
}

function starts(storage: FakeStorage): string[] {
  return storage.journal.filter((line) => line.includes("started")).map(short);
}

Deno.test("a restart within a minute of a tick starts it late, whatever catch_up says", async () => {
  const { storage, clock } = stage("2026-05-01T09:59:00Z");
  const spec = cron("0 * * * *");
  await (await openCronTrigger(spec, storage.host(clock)))[Symbol.asyncDispose]();
  await clock.advanceTo("2026-05-01T10:00:30Z");
  await using _trigger = await openCronTrigger(spec, storage.host(clock));
  await clock.advance(0);
  assert.deepEqual(storage.journal, [
    "05-01 10:00:30 started run-1 of 05-01 10:00:00",
    "05-01 10:00:30 lag_ms 30000",
  ]);
});

Deno.test("a restart right after a tick does not double it", async () => {
  const { storage, clock } = stage("2026-05-01T09:59:00Z");
  const spec = cron("0 * * * *", { catchUp: "all" });
  await using _first = await openCronTrigger(spec, storage.host(clock));
  await clock.advance(MINUTE);
  await using _second = await openCronTrigger(spec, storage.host(clock));
  await clock.advance(MINUTE);
  assert.deepEqual(storage.journal, ["05-01 10:00:00 started run-1 of 05-01 10:00:00"]);
});

Deno.test("the first start of a trigger, and another schedule than before, miss nothing", async () => {
  const { storage, clock } = stage("2026-05-01T10:30:00Z");
  const host = storage.host(clock);
  const every = { catchUp: "all", name: "job" } as const;
  await (await openCronTrigger(cron("0 * * * *", every), host))[Symbol.asyncDispose]();
  await clock.advance(5 * HOUR);
  await using _other = await openCronTrigger(cron("5 * * * *", every), host);
  await clock.advance(0);
  assert.deepEqual(storage.journal, []);
});

const OVERLAPS = [
  {
    overlap: "forbid",
    want: [
      "10:00 run-1",
      "11:00 missed 1",
      "11:00 warn: a tick was skipped, as the last run still goes on",
      "12:00 run-2",
    ],
  },
  { overlap: "allow", want: ["10:00 run-1", "11:00 run-2", "12:00 run-3"] },
  {
    overlap: "replace",
    want: ["10:00 run-1", "11:00 cancelled run-1", "11:00 run-2", "12:00 run-3"],
  },
] as const;

for (const { overlap, want } of OVERLAPS) {
  Deno.test(`overlap: ${overlap} while a run takes 90 minutes`, async () => {
    const { storage, clock } = stage("2026-05-01T09:59:00Z");
    await using _trigger = await openCronTrigger(
      cron("0 * * * *", { overlap }),
      storage.host(clock),
    );
    await clock.advanceTo("2026-05-01T11:30:00Z");
    storage.endAll();
    await clock.advanceTo("2026-05-01T12:00:00Z");
    assert.deepEqual(storage.journal.map(short), want);
  });
}

Deno.test("overlap: forbid knows of a run that was taken up after a restart", async () => {
  const { storage, clock } = stage("2026-05-01T09:59:00Z");
  const spec = cron("0 * * * *");
  const before = await openCronTrigger(spec, storage.host(clock));
  await clock.advance(MINUTE);
  await before[Symbol.asyncDispose]();
  await using _trigger = await openCronTrigger(spec, storage.host(clock));
  await clock.advance(HOUR);
  assert.match(storage.journal.at(-1) ?? "", /skipped/);
});

Deno.test("catch_up: all makes up one tick after another, though a run takes longer than a tick", async () => {
  const { storage, clock } = stage("2026-05-01T09:00:00Z");
  const spec = cron("*/10 * * * *", { catchUp: "all" });
  await (await openCronTrigger(spec, storage.host(clock)))[Symbol.asyncDispose]();
  await clock.advanceTo("2026-05-01T09:35:00Z");
  await using _trigger = await openCronTrigger(spec, storage.host(clock, { runMs: 3 * MINUTE }));
  await clock.advanceTo("2026-05-01T10:00:00Z");
  assert.deepEqual(starts(storage), [
    "09:35 run-1 of 09:10",
    "09:38 run-2 of 09:20",
    // 09:40 comes due while this one goes on, and overlap: forbid holds for it.
    "09:41 run-3 of 09:30",
    "09:50 run-4",
    "10:00 run-5",
  ]);
});

Deno.test("jitter delays a tick by at most its length, and never beyond the next tick", async () => {
  for (const random of [0, 0.5, 0.999999]) {
    const { storage, clock } = stage("2026-05-01T09:59:59Z");
    const spec = cron("*/10 * * * *", { jitterMs: 30_000 });
    await using _trigger = await openCronTrigger(
      spec,
      storage.host(clock, { random: () => random, runMs: 1 }),
    );
    await clock.advance(2 * MINUTE);
    assert.deepEqual(
      storage.journal.filter((line) => line.includes("lag_ms")).map((line) => line.split(" ")[3]),
      random === 0 ? [] : [`${Math.floor(random * 30_001)}`],
    );
    assert.equal(storage.lastStart?.trigger["scheduledAt"], "2026-05-01T10:00:00.000Z");
  }
  const { storage, clock } = stage("2026-05-01T09:59:59Z");
  const spec = cron("* * * * *", { jitterMs: 10 * MINUTE });
  await using _trigger = await openCronTrigger(
    spec,
    storage.host(clock, { random: () => 0.999999, runMs: 1 }),
  );
  await clock.advanceTo("2026-05-01T10:05:00Z");
  const lags = storage.journal.flatMap((line) => /lag_ms (\d+)/.exec(line)?.[1] ?? []);
  assert.deepEqual(lags, ["59999", "59999", "59999", "59999", "59999"]);
});

Deno.test("two engines on one storage start each tick once", async () => {
  const { storage, clock } = stage("2026-05-01T09:59:00Z");
  const spec = cron("* * * * *", { overlap: "allow", jitterMs: 20_000 });
  let draws = 0;
  const random = () => (draws++ % 7) / 7;
  await using _one = await openCronTrigger(spec, storage.host(clock, { random }));
  await using _two = await openCronTrigger(spec, storage.host(clock, { random }));
  await clock.advanceTo("2026-05-01T10:59:59Z");
  const ticks = storage.journal.flatMap((line) => /started \S+ of (.*)/.exec(line)?.[1] ?? []);
  assert.equal(ticks.length, 60);
  assert.equal(new Set(ticks).size, 60);
});

Deno.test("overlap: replace with two engines cancels each run once, by the tick after it", async () => {
  const { storage, clock } = stage("2026-05-01T09:59:00Z");
  const spec = cron("0 * * * *", { overlap: "replace" });
  await using _one = await openCronTrigger(spec, storage.host(clock));
  await using _two = await openCronTrigger(spec, storage.host(clock));
  await clock.advanceTo("2026-05-01T12:00:00Z");
  assert.deepEqual(storage.journal.map(short), [
    "10:00 run-1",
    "11:00 cancelled run-1",
    "11:00 run-2",
    "12:00 cancelled run-2",
    "12:00 run-3",
  ]);
});

Deno.test("a clock that is set forward is noticed within a minute, and what was jumped over is missed", async () => {
  const { storage, clock } = stage("2026-05-01T09:59:00Z");
  await using _trigger = await openCronTrigger(
    cron("0 * * * *", { catchUp: "last" }),
    storage.host(clock, { runMs: 1 }),
  );
  await clock.advanceTo("2026-05-01T10:10:00Z");
  clock.set("2026-05-01T13:30:00Z");
  await clock.advance(MINUTE);
  await clock.advanceTo("2026-05-01T14:00:00Z");
  assert.deepEqual(starts(storage), [
    "10:00 run-1",
    "13:31 run-2 of 13:00",
    "14:00 run-3",
  ]);
});

Deno.test("a clock that is set back doubles no tick, and waits for none of the wrong time", async () => {
  const { storage, clock } = stage("2026-05-01T09:59:00Z");
  await using _trigger = await openCronTrigger(
    cron("0 * * * *", { catchUp: "all" }),
    storage.host(clock, { runMs: 1 }),
  );
  await clock.advanceTo("2026-05-01T11:10:00Z");
  clock.set("2026-05-01T09:10:00Z");
  await clock.advanceTo("2026-05-01T12:00:00Z");
  assert.deepEqual(starts(storage), ["10:00 run-1", "11:00 run-2", "12:00 run-3"]);
});

Deno.test("a clock that was a year ahead leaves no schedule waiting for that year", async () => {
  const { storage, clock } = stage("2027-05-01T09:59:00Z");
  const spec = cron("0 * * * *");
  const wrong = await openCronTrigger(spec, storage.host(clock, { runMs: 1 }));
  await clock.advance(2 * MINUTE);
  await wrong[Symbol.asyncDispose]();
  clock.set("2026-05-01T09:59:00Z");
  await using _trigger = await openCronTrigger(spec, storage.host(clock, { runMs: 1 }));
  await clock.advance(HOUR + MINUTE);
  assert.deepEqual(starts(storage), [
    "10:00 run-1",
    "10:00 run-2",
    "11:00 run-3",
  ]);
  assert.equal(
    (storage.state("daily") as { scheduledAt: number }).scheduledAt,
    Date.parse("2026-05-01T11:00:00Z"),
  );
});

Deno.test("no timer of a cron trigger is longer than an hour, however far the next tick", async () => {
  const { storage, clock } = stage("2026-05-01T09:59:00Z");
  await using _trigger = await openCronTrigger(cron("0 0 29 2 *"), storage.host(clock));
  await clock.advance(0);
  assert.ok((clock.nextInMs ?? Infinity) <= HOUR);
});

Deno.test("a tick that the storage does not take is tried again until it does, and counted once", async () => {
  const { storage, clock } = stage("2026-05-01T09:59:30Z");
  storage.failure = new StorageError("STORAGE_UNAVAILABLE", "no space");
  await using _trigger = await openCronTrigger(cron("0 * * * *"), storage.host(clock));
  await clock.advanceTo("2026-05-01T09:59:40Z");
  storage.failure = undefined;
  await clock.advanceTo("2026-05-01T09:59:59Z");
  storage.failure = new StorageError("STORAGE_UNAVAILABLE", "no space");
  await clock.advanceTo("2026-05-01T10:00:07Z");
  storage.failure = undefined;
  await clock.advanceTo("2026-05-01T10:30:00Z");
  assert.deepEqual(storage.journal.filter((line) => line.includes("started")), [
    "05-01 10:00:10 started run-1 of 05-01 10:00:00",
  ]);
});

Deno.test("a tick that is refused for good is counted, and the next one comes", async () => {
  const { storage, clock } = stage("2026-05-01T09:59:00Z");
  storage.failure = new CodedError("QUEUE_FULL", "full");
  await using _trigger = await openCronTrigger(cron("0 * * * *"), storage.host(clock));
  await clock.advance(MINUTE);
  storage.failure = undefined;
  await clock.advance(HOUR);
  assert.deepEqual(storage.journal.map(short), [
    "10:00 refused 1",
    "10:00 error: the tick of 2026-05-01T10:00:00.000Z was refused: QUEUE_FULL: full",
    "11:00 run-1",
  ]);
});

Deno.test("drain() of a cron trigger starts nothing more, and leaves what waits to the next start", async () => {
  const { storage, clock } = stage("2026-05-01T09:00:00Z");
  const spec = cron("0 * * * *", { catchUp: "all" });
  await (await openCronTrigger(spec, storage.host(clock)))[Symbol.asyncDispose]();
  await clock.advanceTo("2026-05-01T12:30:00Z");
  const trigger = await openCronTrigger(spec, storage.host(clock));
  await clock.advance(0);
  await trigger.drain();
  await clock.advance(HOUR);
  assert.equal(clock.pending, 0);
  storage.endAll();
  await using _next = await openCronTrigger(spec, storage.host(clock, { runMs: 1 }));
  await clock.advance(MINUTE);
  assert.deepEqual(starts(storage), [
    "12:30 run-1 of 10:00",
    "13:30 run-2 of 11:00",
    "13:30 run-3 of 12:00",
    "13:30 run-4 of 13:00",
  ]);
});
