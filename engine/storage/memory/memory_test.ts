import assert from "node:assert/strict";
import { FakeClock } from "../../clock/mod.ts";
import { create, finish, testOwner } from "../_conformance_fixture.ts";
import { START, STORAGE_CONFORMANCE } from "../conformance.ts";
import { openStorage } from "../mod.ts";

for (const { does, test } of STORAGE_CONFORMANCE) {
  Deno.test(`memory storage ${does}`, async () => {
    const clock = new FakeClock(START);
    const dead = new Set<string>();
    await using storage = await openStorage("memory:", {
      clock,
      isOwnerAlive: ({ id }) => Promise.resolve(!dead.has(id)),
    });
    await test({
      storage,
      // There is one view of it: nobody else can reach the memory of a process.
      other: storage,
      now: () => clock.now(),
      advance: (byMs) => clock.advance(byMs),
      kill: ({ id }) => Promise.resolve(void dead.add(id)),
    });
    assert.equal(clock.pending, 0);
  });
}

Deno.test("memory storage lets the runs that ended first go when there are too many", async () => {
  const clock = new FakeClock(START);
  await using storage = await openStorage("memory:", { clock, memory: { maxRuns: 3 } });
  const owner = testOwner("a");
  const open = await create(storage, owner);
  const ids: string[] = [];
  for (let index = 0; index < 5; index++) {
    const { run, lease } = await create(storage, owner);
    await finish(storage, lease);
    ids.push(run.runId);
  }
  const listed = (await storage.listRuns({ limit: 10 })).map(({ runId }) => runId);
  assert.deepEqual(listed, [...ids.slice(2).reverse(), open.run.runId]);
});

Deno.test("memory storage lets runs go when they are too large, but for the newest", async () => {
  const clock = new FakeClock(START);
  await using storage = await openStorage("memory:", { clock, memory: { maxBytes: 100_000 } });
  const owner = testOwner("a");
  const ids: string[] = [];
  for (const size of [30_000, 30_000, 30_000, 400_000]) {
    const { run, lease } = await create(storage, owner, { input: "x".repeat(size / 2) });
    await finish(storage, lease);
    ids.push(run.runId);
    const kept = (await storage.listRuns({ limit: 10 })).map(({ runId }) => runId);
    assert.equal(kept[0], run.runId);
  }
  assert.deepEqual((await storage.listRuns({ limit: 10 })).map(({ runId }) => runId), ids.slice(3));
});
