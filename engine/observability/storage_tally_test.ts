import assert from "node:assert/strict";
import { FakeClock } from "../clock/mod.ts";
import { currentOwner, openStorage, type Storage, StorageError } from "../storage/mod.ts";
import { StorageTally } from "./storage_tally.ts";
import { withStorageTally } from "./with_storage_tally.ts";

const LEASE = { runId: "r", ownerId: "o", token: 1 };

Deno.test("a tally of the storage counts events, failures, and what is stored together", async () => {
  const tally = new StorageTally();
  const waiting: (() => void)[] = [];
  const append = (): Promise<void> => new Promise((resolve) => waiting.push(resolve));
  const events = [{
    runId: "r",
    seq: 1,
    at: 0,
    kind: "run.succeeded",
    durationMs: 1,
  }] as const;
  const appends = [1, 2, 3].map(() => tally.append({ append }, { lease: LEASE, events }));
  for (const resolve of waiting.splice(0)) resolve();
  await Promise.all(appends);
  const last = tally.append({ append }, { lease: LEASE, events });
  for (const resolve of waiting.splice(0)) resolve();
  await last;
  await new Promise<void>((resolve) => setTimeout(resolve));
  assert.equal(tally.events, 4);
  assert.equal(tally.appendS.total, 4);
  assert.deepEqual([tally.batch.total, tally.batch.sum], [2, 4]);
  await assert.rejects(tally.append({
    append: () => Promise.reject(new StorageError("LEASE_LOST", "Cannot append: it is lost")),
  }, { lease: LEASE, events }));
  assert.deepEqual([...tally.failures], [["LEASE_LOST", 1]]);
});

Deno.test("a measured storage hands on every member of the storage", async () => {
  await using storage = await openStorage("memory:", { clock: new FakeClock() });
  const measured = withStorageTally(storage, new StorageTally());
  const members = (of: Storage): string[] => {
    const names = new Set<string>();
    for (let at: object = of; at !== Object.prototype; at = Object.getPrototypeOf(at)) {
      for (const name of Object.getOwnPropertyNames(at)) names.add(name);
    }
    names.delete("constructor");
    return [...names].sort();
  };
  for (const name of members(storage)) assert.ok(name in measured, name);
  assert.deepEqual(await measured.claimRuns(currentOwner(), { limit: 1 }), []);
});
