import assert from "node:assert/strict";
import { seededRandom } from "../compiler/mod.ts";
import { parseWorkflow } from "../spec/mod.ts";
import { naiveTicks } from "./_naive_ticks.ts";
import { nextTicks, openCronSchedule } from "./cron_schedule.ts";

const CASES = [
  {
    name: "a time that is left out comes when the clocks were put forward",
    schedule: "30 2 * * *",
    timezone: "Europe/Berlin",
    from: "2026-03-28T12:00Z",
    want: ["2026-03-29T03:00+02:00", "2026-03-30T02:30+02:00"],
  },
  {
    name: "several times that are left out come together, once",
    schedule: "15,45 2,3 * * *",
    timezone: "Europe/Berlin",
    from: "2026-03-28T12:00Z",
    want: ["2026-03-29T03:00+02:00", "2026-03-29T03:15+02:00", "2026-03-29T03:45+02:00"],
  },
  {
    name: "a time that comes twice counts the first time",
    schedule: "15,45 2 * * *",
    timezone: "Europe/Berlin",
    from: "2026-10-24T12:00Z",
    want: ["2026-10-25T02:15+02:00", "2026-10-25T02:45+02:00", "2026-10-26T02:15+01:00"],
  },
  {
    name: "a schedule of every hour goes by the time that passes, in autumn",
    schedule: "*/30 * * * *",
    timezone: "Europe/Berlin",
    from: "2026-10-25T00:15Z",
    want: [
      "2026-10-25T02:30+02:00",
      "2026-10-25T02:00+01:00",
      "2026-10-25T02:30+01:00",
      "2026-10-25T03:00+01:00",
    ],
  },
  {
    name: "a schedule of every hour goes by the time that passes, in spring",
    schedule: "@hourly",
    timezone: "America/New_York",
    from: "2026-03-08T05:30Z",
    want: ["2026-03-08T01:00-05:00", "2026-03-08T03:00-04:00", "2026-03-08T04:00-04:00"],
  },
  {
    name: "New York in spring",
    schedule: "30 2 * * *",
    timezone: "America/New_York",
    from: "2026-03-07T12:00Z",
    want: ["2026-03-08T03:00-04:00", "2026-03-09T02:30-04:00"],
  },
  {
    name: "New York in autumn",
    schedule: "30 1 * * *",
    timezone: "America/New_York",
    from: "2026-10-31T12:00Z",
    want: ["2026-11-01T01:30-04:00", "2026-11-02T01:30-05:00"],
  },
  {
    name: "midnight is left out in Cairo",
    schedule: "0 0 * * *",
    timezone: "Africa/Cairo",
    from: "2026-04-23T12:00Z",
    want: ["2026-04-24T01:00+03:00", "2026-04-25T00:00+03:00"],
  },
  {
    name: "half an hour is left out on Lord Howe",
    schedule: "15 2 * * *",
    timezone: "Australia/Lord_Howe",
    from: "2026-10-03T12:00Z",
    want: ["2026-10-04T02:30+11:00", "2026-10-05T02:15+11:00"],
  },
  {
    name: "Samoa left out a whole day",
    schedule: "0 9 * * *",
    timezone: "Pacific/Apia",
    from: "2011-12-29T12:00Z",
    want: ["2011-12-29T09:00-10:00", "2011-12-31T00:00+14:00", "2011-12-31T09:00+14:00"],
  },
  {
    name: "29 February",
    schedule: "0 0 29 2 *",
    timezone: "Europe/Berlin",
    from: "2096-03-01T00:00Z",
    want: ["2104-02-29T00:00+01:00", "2108-02-29T00:00+01:00"],
  },
  {
    name: "seconds, a step after a value, names",
    schedule: "30 5/25 9 * JAN-MAR fri",
    timezone: "UTC",
    from: "2026-01-02T00:00Z",
    want: ["2026-01-02T09:05:30+00:00", "2026-01-02T09:30:30+00:00", "2026-01-02T09:55:30+00:00"],
  },
];

for (const { name, schedule, timezone, from, want } of CASES) {
  Deno.test(`nextTicks() of "${schedule}" in ${timezone}: ${name}`, async () => {
    const ticks = await nextTicks({ schedule, timezone }, Date.parse(from), want.length);
    assert.deepEqual(ticks.map((tick) => shown(tick, timezone)), want);
    const { previous } = await openCronSchedule({ schedule, timezone });
    for (const [index, tick] of ticks.entries()) {
      assert.equal(previous(tick), tick);
      if (index > 0) assert.equal(previous(tick - 1), ticks[index - 1]);
    }
  });
}

function shown(tick: number, timezone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(tick).toZonedDateTimeISO(timezone)
    .toString({ timeZoneName: "never" }).replace(/(T\d\d:\d\d):00/, "$1");
}

const SCHEDULES = [
  "30 2 * * *",
  "*/20 2 * * *",
  "30 2,3 * * *",
  "*/30 * * * *",
  "0 12 13 * 5",
  "5/15 1-3 * * MON-FRI",
  "0 0 * * 7",
  "0 */2 * * *",
  "10 0-23 * * *",
  "*/7 */5 */3 * *",
  "0 0 1 JAN,JUL SUN",
];
const ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"];
/** Around each change of these zones. */
const SPANS = [
  ["2026-03-06", "2026-03-10"],
  ["2026-03-27", "2026-04-06"],
  ["2026-10-02", "2026-10-06"],
  ["2026-10-23", "2026-10-27"],
  ["2026-10-30", "2026-11-03"],
] as const;

Deno.test("schedules agree with a minute-by-minute reference, forwards and backwards, over clock changes", async () => {
  const random = seededRandom(3);
  for (const timezone of ZONES) {
    for (const [first, last] of SPANS) {
      const [from, until] = [Date.parse(first), Date.parse(last)];
      for (const schedule of SCHEDULES) {
        const what = `${schedule} in ${timezone} after ${first}`;
        const want = naiveTicks({ schedule, timezone }, from, until);
        const { next, previous } = await openCronSchedule({ schedule, timezone });
        const forwards: number[] = [];
        for (let at = next(from); at !== undefined && at <= until; at = next(at)) forwards.push(at);
        assert.deepEqual(forwards, want, what);
        const backwards: number[] = [];
        for (let at = previous(until); at !== undefined && at > from; at = previous(at - 1)) {
          backwards.unshift(at);
        }
        assert.deepEqual(backwards, want, what);
        for (let i = 0; i < 10; i++) {
          const at = from + Math.floor(random() * (until - from));
          const after = want.find((tick) => tick > at);
          const before = want.findLast((tick) => tick <= at);
          if (after !== undefined) assert.equal(next(at), after, what);
          if (before !== undefined) assert.equal(previous(at), before, what);
        }
      }
    }
  }
});

Deno.test("every schedule that workflow.yaml may hold can be opened", async () => {
  const fields = [
    ["*", "0", "5/7", "1-59/2", "*/59", "3,4,50-55"],
    ["*", "0", "23", "2/3", "*/23", "9-17"],
    ["*", "1", "31", "1-31/30", "*/31"],
    ["*", "12", "jan-DEC", "*/12", "2/5"],
    ["*", "7", "sun", "MON-FRI", "5-7", "*/7", "1/2"],
  ];
  const random = seededRandom(7);
  let opened = 0;
  for (let i = 0; i < 200; i++) {
    const schedule = fields.map((words) => words[Math.floor(random() * words.length)]).join(" ");
    const { spec } = await parseWorkflow(
      `name: demo
version: "1.0"
triggers: [{ type: cron, schedule: "${schedule}" }]
nodes: { a: { path: ./a.ts } }
`,
      { file: "workflow.yaml" },
    );
    for (const trigger of spec?.triggers ?? []) {
      if (trigger.type !== "cron") continue;
      const { next } = await openCronSchedule(trigger);
      assert.notEqual(next(0), undefined, schedule);
      opened++;
    }
  }
  assert.ok(opened > 100, `${opened}`);
});

Deno.test("a schedule is the same after many others were asked", async () => {
  const all = await Promise.all(
    Array.from(
      { length: 60 },
      (_, minute) => openCronSchedule({ schedule: `${minute} 9 * * *`, timezone: "UTC" }),
    ),
  );
  for (let round = 0; round < 2; round++) {
    const ticks = all.map((schedule) => schedule.next(Date.UTC(2026, 0, 1)));
    assert.deepEqual(ticks, all.map((_, minute) => Date.UTC(2026, 0, 1, 9, minute)));
  }
});
