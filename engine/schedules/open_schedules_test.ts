import assert from "node:assert/strict";
import { FakeClock } from "../clock/mod.ts";
import { openRegistry } from "../registry/mod.ts";
import { openStorage } from "../storage/mod.ts";
import { openSchedules, type Schedules, type ScheduleSpec } from "./mod.ts";

const START = Date.UTC(2026, 0, 31, 8, 59);
const MINUTE = 60_000;

const NINE: ScheduleSpec = {
  workflow: "hello",
  schedule: "0 9 * * *",
  timezone: "UTC",
  overlap: "forbid",
  catchUp: "none",
  input: { name: "ann" },
  isPaused: false,
  createdBy: "bob",
};

interface Test {
  readonly clock: FakeClock;
  /** Opens workflows and schedules anew, as a restart does. */
  restart(): Promise<Schedules>;
  /** Inputs of the runs so far, oldest first. */
  inputs(): Promise<readonly unknown[]>;
}

async function withSchedules(test: (test: Test) => Promise<void>): Promise<void> {
  const path = await Deno.realPath(await Deno.makeTempDir({ prefix: "pd-schedules-" }));
  const clock = new FakeClock(START);
  try {
    await Deno.mkdir(`${path}/hello`);
    await Deno.writeTextFile(
      `${path}/hello/workflow.yaml`,
      `name: hello\nversion: "1.0"\nnodes:\n  only: { path: ./only.ts, isolation: none }\n`,
    );
    await Deno.writeTextFile(
      `${path}/hello/only.ts`,
      "export default function run(_: unknown, input: unknown): unknown {\n  return input;\n}\n",
    );
    await using storage = await openStorage("memory:", { clock });
    let opened = new AsyncDisposableStack();
    await using _closed = { [Symbol.asyncDispose]: () => opened.disposeAsync() };
    await test({
      clock,
      async restart() {
        await opened.disposeAsync();
        opened = new AsyncDisposableStack();
        const registry = opened.use(await openRegistry({ path, storage, clock }));
        const options = { clock, random: () => 0, log() {} };
        return opened.use(await openSchedules(registry, options));
      },
      async inputs() {
        const runs = await storage.listRuns({ limit: 100 });
        const stored = await Promise.all(runs.map(({ runId }) => storage.getRun(runId)));
        return stored.reverse().map((run) => [run?.input, run?.trigger]);
      },
    });
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

const AT_NINE = [{ name: "ann" }, {
  type: "cron",
  name: "schedule:morning",
  scheduledAt: "2026-01-31T09:00:00.000Z",
  firedAt: "2026-01-31T09:00:00.000Z",
}];

Deno.test("a schedule starts its workflow with its input, also after a restart", async () => {
  await withSchedules(async ({ restart, clock, inputs }) => {
    const schedules = await restart();
    const kept = await schedules.create("morning", NINE);
    assert.equal(kept.revision, 1);
    const again = await restart();
    assert.deepEqual(await again.list(), [kept]);
    await clock.advance(MINUTE);
    assert.deepEqual(await inputs(), [AT_NINE]);
  });
});

Deno.test("a schedule that is paused starts nothing, and does not catch up when it goes on", async () => {
  await withSchedules(async ({ restart, clock, inputs }) => {
    const schedules = await restart();
    await schedules.create("morning", { ...NINE, catchUp: "all" });
    await schedules.change("morning", { isPaused: true });
    assert.deepEqual([...schedules.atWork()], []);
    await clock.advance(2 * MINUTE);
    await schedules.change("morning", { isPaused: false });
    await clock.advance(2 * MINUTE);
    assert.deepEqual(await inputs(), []);
    assert.deepEqual([...schedules.atWork()], ["morning"]);
  });
});

Deno.test("a schedule that was removed is gone, and its name starts anew", async () => {
  await withSchedules(async ({ restart, clock, inputs }) => {
    const schedules = await restart();
    await schedules.create("morning", { ...NINE, catchUp: "all" });
    await assert.rejects(schedules.create("morning", NINE), { code: "ALREADY_EXISTS" });
    assert.equal(await schedules.remove("morning"), true);
    assert.equal(await schedules.remove("morning"), false);
    await clock.advance(2 * MINUTE);
    await schedules.create("morning", { ...NINE, catchUp: "all" });
    await clock.advance(2 * MINUTE);
    assert.deepEqual(await inputs(), []);
  });
});

Deno.test("of two changes at once one is told of the other", async () => {
  await withSchedules(async ({ restart }) => {
    const schedules = await restart();
    const { revision } = await schedules.create("morning", NINE);
    const changed = await schedules.change("morning", { schedule: "@hourly" }, revision);
    assert.equal(changed?.schedule, "@hourly");
    await assert.rejects(schedules.change("morning", { isPaused: true }, revision), {
      code: "REVISION_CONFLICT",
    });
    assert.equal(await schedules.change("evening", { isPaused: true }), undefined);
  });
});

Deno.test("a schedule waits for a workflow that is not there", async () => {
  await withSchedules(async ({ restart, clock, inputs }) => {
    const schedules = await restart();
    await schedules.create("other", { ...NINE, workflow: "gone" });
    await clock.advance(2 * MINUTE);
    assert.deepEqual([...schedules.atWork()], []);
    assert.deepEqual(await inputs(), []);
  });
});
