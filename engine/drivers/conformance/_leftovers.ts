import assert from "node:assert/strict";
import type { Owner } from "../../storage/mod.ts";
import type { Driver } from "../driver.ts";
import type { ConformanceCase } from "./conformance_case.ts";
import { Output, type Trial } from "./trial.ts";

/** What is left when runs, drivers and engines end. */
export const LEFTOVER_CASES: readonly ConformanceCase[] = [
  {
    does: "ends and removes everything of a run, and nothing of others",
    async run(t) {
      const other = crypto.randomUUID();
      try {
        await t.driver.createVolume({ runId: other, name: "workdir" });
        const { ended } = await startLong(t, t.driver);
        await t.driver.endRun(t.runId);
        await ended;
        assert.deepEqual(await t.fixture.leftovers(t.runId), []);
        assert.notDeepEqual(await t.fixture.leftovers(other), []);
        await t.driver.endRun(t.runId);
      } finally {
        await t.driver.endRun(other);
      }
    },
  },
  {
    does: "ends and removes everything when it is closed",
    async run(t) {
      const driver = await t.fixture.open({ owner: owner("closing") });
      const { ended } = await startLong(t, driver);
      await driver[Symbol.asyncDispose]();
      await ended;
      assert.deepEqual(await t.fixture.leftovers(t.runId), []);
    },
  },
  {
    does: "sweeps what an engine left behind that does not live any more",
    async run(t) {
      const dead = owner("dead");
      // It never closes: as far as the driver can know it was killed.
      const killed = await t.fixture.open({ owner: dead });
      const { ended } = await startLong(t, killed);
      const heir = await t.fixture.open({
        owner: owner("heir"),
        isOwnerAlive: ({ id }) => Promise.resolve(id !== dead.id),
      });
      try {
        assert.ok(await heir.sweep() >= 2, "the task and its volume");
        assert.deepEqual(await t.fixture.leftovers(t.runId), []);
        await ended;
      } finally {
        await heir[Symbol.asyncDispose]();
        await killed[Symbol.asyncDispose]();
      }
    },
  },
  {
    does: "leaves alone what belongs to an engine that lives",
    async run(t) {
      const living = owner("living");
      const theirs = await t.fixture.open({ owner: living });
      const { ended } = await startLong(t, theirs);
      const other = await t.fixture.open({
        owner: owner("other"),
        isOwnerAlive: () => Promise.resolve(true),
      });
      try {
        const before = await t.fixture.leftovers(t.runId);
        await other.sweep();
        assert.deepEqual(await t.fixture.leftovers(t.runId), before);
      } finally {
        await other[Symbol.asyncDispose]();
        await theirs[Symbol.asyncDispose]();
      }
      await ended;
    },
  },
];

/** A volume, and a task that does not end by itself, of a driver; resolves when it runs. */
async function startLong(t: Trial, driver: Driver): Promise<{ readonly ended: Promise<void> }> {
  const output = new Output();
  const volume = await driver.createVolume({ runId: t.runId, name: "long" });
  const task = await t.task({
    command: ["sh", "-c", "(setsid sleep 3600 &); echo ready; sleep 3600"],
    mounts: [{ volume, path: "/workspace", readOnly: false }],
    killGraceMs: 200,
  });
  const ended = driver.run(task, output.io()).then(() => {}, () => {});
  await Promise.race([output.sees("ready\n"), ended]);
  assert.equal(output.stdout, "ready\n");
  return { ended };
}

function owner(name: string): Owner {
  return { id: `${name}-${crypto.randomUUID()}`, host: "test", pid: 4_000_000, startedAt: 7 };
}
