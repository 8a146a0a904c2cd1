import assert from "node:assert/strict";
import { FakeClock, systemClock } from "../engine/clock/mod.ts";
import { START, STORAGE_CONFORMANCE } from "../engine/storage/conformance.ts";
import { openStorage, type Owner, type Storage } from "../engine/storage/mod.ts";
import { findPostgres, type PostgresServer, startPostgres } from "./_postgres_server.ts";
import { acceptedRun, engineOwner, succeeded } from "./_storage_runs.ts";

const postgres = await findPostgres();
const ignore = postgres.status === "missing";

Deno.test({
  name: "postgres storage",
  ignore,
  async fn(t) {
    await using server = await startPostgres();
    for (const [index, { does, test }] of STORAGE_CONFORMANCE.entries()) {
      await t.step(does, async () => {
        const name = `conformance_${index}`;
        const url = await server.createDatabase(name);
        const clock = new FakeClock(START);
        await using storage = await openStorage(url, { clock });
        await using other = await openStorage(url, { clock });
        await test({
          storage,
          other,
          now: () => clock.now(),
          advance: (byMs) => clock.advance(byMs),
          async kill(owner: Owner) {
            await server.sql(
              `UPDATE pipedreamer.owners SET lease_until = now() WHERE owner_id = '${owner.id}'`,
              name,
            );
          },
        });
      });
    }
  },
});

/** Runs a test with two engines at one storage. */
function twoEngines(
  name: string,
  test: (engines: { a: Storage; b: Storage; url: string; server: PostgresServer }) => Promise<void>,
  query = "",
): void {
  Deno.test({
    name,
    ignore,
    async fn() {
      await using server = await startPostgres();
      const url = `${await server.createDatabase()}${query}`;
      await using a = await openStorage(url, { clock: systemClock });
      await using b = await openStorage(url, { clock: systemClock });
      await test({ a, b, url, server });
    },
  });
}

twoEngines(
  "two engines that claim 1 000 queued runs at once get each run once",
  async ({ a, b }) => {
    const owner = engineOwner("gone");
    const made = await Promise.all(Array.from({ length: 1_000 }, async () => {
      const run = acceptedRun({ status: "queued" });
      const created = await a.createRun(run, owner);
      assert.equal(created.status, "created");
      if (created.status === "created") await a.releaseRun(created.lease);
      return run.runId;
    }));
    const claimed = await Promise.all([a, b].map(async (storage, index) => {
      const mine = engineOwner(`engine-${index}`);
      const ids: string[] = [];
      for (;;) {
        const some = await storage.claimRuns(mine, { limit: 20 });
        if (some.length === 0) return ids;
        assert.ok(some.every(({ lease }) => lease.token === 2 && lease.ownerId === mine.id));
        ids.push(...some.map(({ run }) => run.runId));
      }
    }));
    assert.ok(claimed.every((ids) => ids.length > 0), "both got some");
    assert.deepEqual(claimed.flat().sort(), made.sort());
  },
);

twoEngines(
  "an engine that is silent for longer than its lease has lost its runs, and writes nothing more",
  async ({ a, b }) => {
    const [first, second] = [engineOwner("first"), engineOwner("second")];
    const run = acceptedRun();
    const created = await a.createRun(run, first);
    assert.ok(created.status === "created");
    await a.append({ lease: created.lease, events: [succeeded(run.runId, 1)] });
    assert.deepEqual(await b.claimRuns(second, { limit: 1 }), []);
    assert.deepEqual(await a.renewLeases(first, [run.runId]), []);
    const since = performance.now();
    let claimed = await b.claimRuns(second, { limit: 1 });
    while (claimed.length === 0) claimed = await b.claimRuns(second, { limit: 1 });
    assert.ok(performance.now() - since > 200, "not before the lease is over");
    assert.deepEqual(claimed.map(({ lease }) => lease), [
      { runId: run.runId, ownerId: second.id, token: 2 },
    ]);
    assert.equal(claimed[0]?.run.lastSeq, 1);
    await assert.rejects(
      a.append({ lease: created.lease, events: [succeeded(run.runId, 2)] }),
      { code: "LEASE_LOST" },
    );
    assert.deepEqual(await a.renewLeases(first, [run.runId]), [run.runId]);
    await assert.rejects(
      a.append({ lease: created.lease, events: [succeeded(run.runId, 2)] }),
      { code: "LEASE_LOST" },
    );
    assert.equal((await b.readEvents(run.runId, 0)).length, 1);
    assert.equal(a.leaseIntervalMs, 100);
  },
  "?lease=300ms",
);

twoEngines(
  "an append after the lease is over is refused even when nobody took the run",
  async ({ a, server, url }) => {
    const owner = engineOwner("slow");
    const run = acceptedRun();
    const created = await a.createRun(run, owner);
    assert.ok(created.status === "created");
    const database = new URL(url).pathname.slice(1);
    await server.sql("UPDATE pipedreamer.owners SET lease_until = now()", database);
    const append = { lease: created.lease, events: [succeeded(run.runId, 1)] };
    await assert.rejects(a.append(append), { code: "LEASE_LOST" });
    assert.deepEqual(await a.readEvents(run.runId, 0), []);
    // It wakes up, and nobody was faster: the run is still its own.
    assert.deepEqual(await a.renewLeases(owner, [run.runId]), []);
    await a.append(append);
  },
);

twoEngines("an append of one engine is heard by the other in milliseconds", async ({ a, b }) => {
  const owner = engineOwner("a");
  const run = acceptedRun();
  const created = await a.createRun(run, owner);
  assert.ok(created.status === "created");
  let heard = Promise.withResolvers<void>();
  const stop = b.onChange((runId) => runId === run.runId && heard.resolve());
  const tookMs: number[] = [];
  for (let seq = 1; seq <= 50; seq++) {
    heard = Promise.withResolvers<void>();
    const since = performance.now();
    await a.append({ lease: created.lease, events: [succeeded(run.runId, seq)] });
    await heard.promise;
    tookMs.push(performance.now() - since);
  }
  stop();
  tookMs.sort((x, y) => x - y);
  const median = tookMs[25] ?? Infinity;
  // Far below what polling would take, with room for a busy machine.
  assert.ok(median < 250, `median ${median} ms`);
});

twoEngines(
  "a cancel that one engine is asked for reaches the owner at another",
  async ({ a, b }) => {
    const owner = engineOwner("a");
    const run = acceptedRun();
    const created = await a.createRun(run, owner);
    assert.ok(created.status === "created");
    const heard = Promise.withResolvers<string>();
    const stop = a.onChange(heard.resolve);
    assert.equal(await b.requestCancel(run.runId), true);
    assert.equal(await heard.promise, run.runId);
    assert.deepEqual(await a.cancelRequests(owner), [run.runId]);
    stop();
  },
);

Deno.test({
  name: "tables of the first version become those of today, and keep their runs",
  ignore,
  async fn() {
    await using server = await startPostgres();
    const url = await server.createDatabase("old");
    const run = acceptedRun({ deadlineAt: START });
    {
      await using storage = await openStorage(url, { clock: systemClock });
      await storage.createRun(run, engineOwner("a"));
    }
    await server.sql(
      "ALTER TABLE pipedreamer.runs DROP COLUMN deadline_at; DELETE FROM pipedreamer.migrations WHERE version > 1",
      "old",
    );
    await using storage = await openStorage(url, { clock: systemClock });
    const { input, deadlineAt } = await storage.getRun(run.runId) ?? assert.fail();
    assert.deepEqual([input, deadlineAt], [run.input, undefined]);
    const young = acceptedRun({ deadlineAt: START });
    await storage.createRun(young, engineOwner("a"));
    assert.equal((await storage.getRun(young.runId))?.deadlineAt, START);
  },
});

Deno.test({
  name: "five engines that start at once on an empty database make its tables once",
  ignore,
  async fn() {
    await using server = await startPostgres();
    const url = await server.createDatabase("race");
    const open = Array.from({ length: 5 }, () => openStorage(url, { clock: systemClock }));
    const storages = await Promise.all(open);
    const counts = storages.map((storage) => storage.countRuns("/srv/digest"));
    assert.deepEqual(await Promise.all(counts), Array(5).fill({ queued: 0, running: 0 }));
    for (const storage of storages) await storage[Symbol.asyncDispose]();
    assert.equal(
      await server.sql("SELECT count(*) = max(version) FROM pipedreamer.migrations", "race"),
      "t",
    );
    await using elsewhere = await openStorage(`${url}?schema=orders`, { clock: systemClock });
    assert.deepEqual(await elsewhere.listRuns({ limit: 1 }), []);
  },
});
