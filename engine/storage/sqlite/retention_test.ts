import assert from "node:assert/strict";
import { FakeClock } from "../../clock/mod.ts";
import { create, events, finish, skips, START, testOwner } from "../_conformance_fixture.ts";
import { Database } from "./database.ts";
import { open } from "./open.ts";

const CLOCK = new FakeClock(START);
const EVENTS = 7_000;

Deno.test("a deleted run takes its events along, some thousand at a time, and leaves nothing behind", async () => {
  const dir = await Deno.makeTempDir();
  try {
    await using storage = await open(`sqlite://${dir}/runs.db`, { clock: CLOCK });
    const owner = testOwner("a");
    const old = await create(storage, owner, {
      idempotency: { scope: "http", key: "k", fingerprint: undefined, expiresAt: START },
    });
    await storage.append({ lease: old.lease, events: events(old.run.runId, 1, ...skips(EVENTS)) });
    await finish(storage, old.lease, { seq: EVENTS + 1 });
    const gone = { workflowKey: undefined, completedBefore: START + 99, maxCount: undefined };
    assert.equal(await storage.applyRetention(gone), 1);

    using db = closing(new Database(`${dir}/runs.db`));
    const count = (table: string) => db.it.get(`SELECT count(*) AS n FROM ${table}`)?.["n"];
    for (const table of ["runs", "run_values", "specs", "idempotency_keys"]) {
      assert.equal(count(table), 0, table);
    }
    // The newest row stays until there is a newer one, so that no follower takes that for the old one.
    assert.equal(count("events"), 1);
    const young = await create(storage, owner);
    await storage.append({ lease: young.lease, events: events(young.run.runId, 1, ...skips(2)) });
    assert.equal(Number(db.it.get("SELECT max(id) AS id FROM events")?.["id"]), EVENTS + 3);
    assert.equal(await storage.applyRetention(gone), 0);
    assert.equal(count("events"), 2);
    assert.equal(count("trash"), 0);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("applyRetention() forgets owners that are gone, and none that live", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const dead = new Set<string>();
    await using storage = await open(`sqlite://${dir}/runs.db`, {
      clock: CLOCK,
      isOwnerAlive: ({ id }) => Promise.resolve(!dead.has(id)),
    });
    const [living, gone, busy] = [testOwner("living"), testOwner("gone"), testOwner("busy")];
    for (const owner of [living, gone]) {
      const { lease } = await create(storage, owner);
      await finish(storage, lease);
    }
    const left = await create(storage, busy);
    dead.add(gone.id).add(busy.id);
    await storage.applyRetention({
      workflowKey: undefined,
      completedBefore: undefined,
      maxCount: undefined,
    });
    using db = closing(new Database(`${dir}/runs.db`));
    const ids = db.it.all("SELECT owner_id FROM owners").map((row) => row["owner_id"]);
    assert.deepEqual(ids.toSorted(), [busy.id, living.id].toSorted());
    const { lease } = await create(storage, living);
    await finish(storage, lease);
    assert.equal((await storage.claimRuns(living, { limit: 9 }))[0]?.run.runId, left.run.runId);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

function closing(db: Database): { readonly it: Database } & Disposable {
  return { it: db, [Symbol.dispose]: () => db.close() };
}
