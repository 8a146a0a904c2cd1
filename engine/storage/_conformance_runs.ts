import assert from "node:assert/strict";
import {
  create,
  events,
  finish,
  newRun,
  specOf,
  START,
  testOwner,
} from "./_conformance_fixture.ts";
import type { ConformanceCase } from "./conformance.ts";

/** Accepting runs, and idempotency. */
export const RUN_CASES: readonly ConformanceCase[] = [
  {
    does: "keeps a run as it was accepted",
    async test({ storage, other }) {
      const owner = testOwner("a");
      const { run, lease } = await create(storage, owner, {
        input: { token: { $secret: "hn.token" }, text: "Grüße 🦕\u0000\n", list: [1, null, 1.5] },
        trigger: { type: "cron", name: "daily" },
        status: "queued",
        startAfter: START + 500,
        deadlineAt: START + 60_000,
        partition: "berlin",
      });
      assert.deepEqual(lease, { runId: run.runId, ownerId: owner.id, token: 1 });
      const stored = await other.getRun(run.runId);
      assert.deepEqual(
        JSON.parse(JSON.stringify(stored?.spec)),
        JSON.parse(JSON.stringify(run.spec)),
      );
      assert.deepEqual({ ...stored, spec: undefined }, {
        runId: run.runId,
        workflow: "digest",
        version: "1.0",
        workflowKey: "/srv/digest",
        status: "queued",
        trigger: run.trigger,
        partition: "berlin",
        createdAt: START,
        startedAt: undefined,
        completedAt: undefined,
        startAfter: START + 500,
        deadlineAt: START + 60_000,
        error: undefined,
        cancelRequested: false,
        owner,
        lastSeq: 0,
        spec: undefined,
        input: run.input,
      });
      assert.equal(await storage.getRun("no such run"), undefined);
    },
  },
  {
    does: "keeps any text in any place",
    async test({ storage, other }) {
      const text = "a\u0000b\ud800 \u2028'\"%_\\ 🦕 é";
      const owner = testOwner("a");
      const idempotency = { scope: text, key: text, fingerprint: text, expiresAt: START + 1_000 };
      // Names and folders have no NUL; what nodes, inputs and senders say may hold anything.
      const key = `/it's "50%" \\ 🦕 é_`;
      const part = { workflow: key, workflowKey: key, partition: text, idempotency };
      const { run, lease } = await create(storage, owner, part);
      await storage.append({
        lease,
        events: events(run.runId, 1, { kind: "node.skipped", node: text }),
        update: { error: text },
      });
      const stored = await other.getRun(run.runId);
      assert.deepEqual([stored?.workflow, stored?.workflowKey, stored?.partition, stored?.error], [
        key,
        key,
        text,
        text,
      ]);
      assert.equal((await other.listRuns({ workflowKey: key, limit: 5 })).length, 1);
      const [event] = await other.readEvents(run.runId, 0);
      assert.equal(event?.kind === "node.skipped" && event.node, text);
      assert.deepEqual(await other.createRun(newRun(part), owner), {
        status: "exists",
        runId: run.runId,
        sameFingerprint: true,
      });
    },
  },
  {
    does: "says that a run which begins at once has started",
    async test({ storage }) {
      const { run } = await create(storage, testOwner("a"));
      const stored = await storage.getRun(run.runId);
      assert.equal(stored?.status, "running");
      assert.equal(stored?.startedAt, START);
    },
  },
  {
    does: "keeps the workflow that a run began with",
    async test({ storage }) {
      const owner = testOwner("a");
      const old = await create(storage, owner, { spec: specOf("digest", "1.0") });
      const young = await create(storage, owner, { spec: specOf("digest", "2.0") });
      assert.equal((await storage.getRun(old.run.runId))?.spec.version, "1.0");
      assert.equal((await storage.getRun(young.run.runId))?.spec.version, "2.0");
    },
  },
  {
    does: "refuses a run id that it has, and changes nothing",
    async test({ storage }) {
      const owner = testOwner("a");
      const { run } = await create(storage, owner);
      await assert.rejects(storage.createRun({ ...run, workflow: "other" }, owner), {
        code: "INTERNAL",
      });
      assert.equal((await storage.getRun(run.runId))?.workflow, "digest");
    },
  },
  {
    does: "makes one run of many concurrent calls with one idempotency key",
    async test({ storage, other }) {
      const idempotency = {
        scope: "http",
        key: "k1",
        fingerprint: "f",
        expiresAt: START + 1_000,
      };
      const calls = Array.from({ length: 40 }, (_, index) => {
        const run = newRun({ idempotency });
        return {
          run,
          created: (index % 2 === 0 ? storage : other).createRun(run, testOwner(`o${index}`)),
        };
      });
      const created = await Promise.all(calls.map(({ created }) => created));
      const winners = calls.filter((_, index) => created[index]?.status === "created");
      assert.equal(winners.length, 1);
      const [winner] = winners;
      for (const one of created) {
        if (one.status !== "exists") continue;
        assert.deepEqual(one, {
          status: "exists",
          runId: winner?.run.runId,
          sameFingerprint: true,
        });
      }
      assert.equal((await storage.listRuns({ limit: 100 })).length, 1);
    },
  },
  {
    does: "tells a repetition from another request with the same key",
    async test({ storage }) {
      const owner = testOwner("a");
      const key = { scope: "http", key: "k1", expiresAt: START + 1_000 };
      const { run } = await create(storage, owner, { idempotency: { ...key, fingerprint: "f" } });
      for (
        const [fingerprint, sameFingerprint] of [["f", true], ["g", false], [
          undefined,
          false,
        ]] as const
      ) {
        const again = newRun({ idempotency: { ...key, fingerprint } });
        assert.deepEqual(await storage.createRun(again, owner), {
          status: "exists",
          runId: run.runId,
          sameFingerprint,
        });
        assert.equal(await storage.getRun(again.runId), undefined);
      }
    },
  },
  {
    does: "keeps keys of another scope and of another workflow apart",
    async test({ storage }) {
      const owner = testOwner("a");
      const key = { scope: "http", key: "k1", fingerprint: "f", expiresAt: START + 1_000 };
      await create(storage, owner, { idempotency: key });
      await create(storage, owner, { idempotency: { ...key, scope: "webhook:/github" } });
      await create(storage, owner, { idempotency: key, workflowKey: "/srv/other" });
      assert.equal((await storage.listRuns({ limit: 10 })).length, 3);
    },
  },
  {
    does: "forgets a key when its time is over",
    async test({ storage, advance }) {
      const owner = testOwner("a");
      const key = { scope: "http", key: "k1", fingerprint: "f" };
      await create(storage, owner, { idempotency: { ...key, expiresAt: START + 1_000 } });
      await advance(999);
      const again = newRun({ idempotency: { ...key, expiresAt: START + 2_000 } });
      assert.equal((await storage.createRun(again, owner)).status, "exists");
      await advance(1);
      const { run } = await create(storage, owner, {
        idempotency: { ...key, fingerprint: "g", expiresAt: START + 3_000 },
      });
      assert.deepEqual(
        await storage.createRun(
          newRun({ idempotency: { ...key, expiresAt: START + 4_000 } }),
          owner,
        ),
        {
          status: "exists",
          runId: run.runId,
          sameFingerprint: false,
        },
      );
    },
  },
  {
    does: "finds the run of a key without making one",
    async test({ storage, other, advance }) {
      const key = { scope: "http", key: "k1\u0000", fingerprint: "f" };
      assert.equal(await storage.findKeyedRun("/srv/digest", key), undefined);
      const { run } = await create(storage, testOwner("a"), {
        idempotency: { ...key, expiresAt: START + 1_000 },
      });
      for (const [fingerprint, sameFingerprint] of [["f", true], [undefined, false]] as const) {
        assert.deepEqual(await other.findKeyedRun("/srv/digest", { ...key, fingerprint }), {
          runId: run.runId,
          sameFingerprint,
        });
      }
      assert.equal(await other.findKeyedRun("/srv/other", key), undefined);
      assert.equal(await other.findKeyedRun("/srv/digest", { ...key, scope: "cron" }), undefined);
      await advance(1_000);
      assert.equal(await other.findKeyedRun("/srv/digest", key), undefined);
      assert.equal((await storage.listRuns({ limit: 10 })).length, 1);
    },
  },
  {
    does: "deletes a run with all that belongs to it, but none that is not over",
    async test({ storage }) {
      const { run, lease } = await create(storage, testOwner("a"));
      await storage.append({
        lease,
        events: events(run.runId, 1, { kind: "node.skipped", node: "a" }),
      });
      assert.equal(await storage.deleteRun(run.runId), false);
      await finish(storage, lease, { seq: 2 });
      assert.equal(await storage.deleteRun(run.runId), true);
      assert.equal(await storage.deleteRun(run.runId), false);
      assert.equal(await storage.getRun(run.runId), undefined);
      assert.deepEqual(await storage.readEvents(run.runId, 0), []);
      assert.deepEqual(await storage.listRuns({ limit: 10 }), []);
      await assert.rejects(storage.append({ lease, events: [] }), { code: "LEASE_LOST" });
    },
  },
];
