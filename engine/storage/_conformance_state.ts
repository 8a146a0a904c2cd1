import assert from "node:assert/strict";
import { create, testOwner } from "./_conformance_fixture.ts";
import type { ConformanceCase } from "./conformance.ts";

/** State of triggers, and the end of a storage. */
export const STATE_CASES: readonly ConformanceCase[] = [
  {
    does: "keeps the state of a trigger, and takes each revision once",
    async test({ storage, other }) {
      assert.equal(await storage.getTriggerState("/a", "daily"), undefined);
      assert.equal(await storage.setTriggerState("/a", "daily", { at: 1 }, 1), false);
      assert.equal(await storage.setTriggerState("/a", "daily", { at: 1 }, 0), true);
      assert.equal(await other.setTriggerState("/a", "daily", { at: 2 }, 0), false);
      const first = await other.getTriggerState("/a", "daily");
      assert.deepEqual(first?.value, { at: 1 });
      assert.ok((first?.revision ?? 0) > 0);
      assert.equal(await other.setTriggerState("/a", "daily", null, first?.revision ?? 0), true);
      assert.equal(
        await storage.setTriggerState("/a", "daily", { at: 3 }, first?.revision ?? 0),
        false,
      );
      const second = await storage.getTriggerState("/a", "daily");
      assert.equal(second?.value, null);
      assert.ok((second?.revision ?? 0) > (first?.revision ?? 0));
      assert.equal(await storage.getTriggerState("/a", "hourly"), undefined);
      assert.equal(await storage.getTriggerState("/b", "daily"), undefined);
    },
  },
  {
    does: "lets one of many concurrent writers of a trigger's state win",
    async test({ storage, other }) {
      const writes = Array.from(
        { length: 20 },
        (_, index) => (index % 2 === 0 ? storage : other).setTriggerState("/a", "daily", index, 0),
      );
      const won = await Promise.all(writes);
      assert.equal(won.filter((hasWon) => hasWon).length, 1);
      assert.equal((await storage.getTriggerState("/a", "daily"))?.value, won.indexOf(true));
    },
  },
  {
    does: "commits what was asked for before it closes, and refuses what comes after",
    async test({ storage }) {
      const owner = testOwner("a");
      const created = create(storage, owner);
      await created;
      const writing = storage.setTriggerState("/a", "daily", 1, 0);
      await storage[Symbol.asyncDispose]();
      assert.equal(await writing, true);
      await assert.rejects(storage.listRuns({ limit: 1 }), { code: "STORAGE_UNAVAILABLE" });
      await assert.rejects(create(storage, owner), { code: "STORAGE_UNAVAILABLE" });
      await storage[Symbol.asyncDispose]();
    },
  },
];
