import assert from "node:assert/strict";
import { create, events, finish, skips, specOf, START, testOwner } from "./_conformance_fixture.ts";
import type { ConformanceCase } from "./conformance.ts";

/** Who owns a run, taking up what nobody owns, and cancelling. */
export const CLAIM_CASES: readonly ConformanceCase[] = [
  {
    does: "never gives away what a living engine owns",
    async test({ storage, other }) {
      await create(storage, testOwner("a"));
      await create(storage, testOwner("a"), { status: "queued" });
      assert.deepEqual(await other.claimRuns(testOwner("b"), { limit: 10 }), []);
    },
  },
  {
    does: "gives a dead engine's runs to the next, oldest first, with all that it takes to go on",
    async test({ storage, other, kill }) {
      const [a, b] = [testOwner("a"), testOwner("b")];
      const ids: string[] = [];
      for (let index = 0; index < 6; index++) {
        const { run, lease } = await create(storage, a, {
          createdAt: START + index,
          status: index % 2 === 0 ? "queued" : "running",
          input: { index },
          spec: specOf("digest", `1.${index}`),
        });
        await storage.append({ lease, events: events(run.runId, 1, ...skips(2)) });
        ids.push(run.runId);
      }
      await kill(a);
      const first = await other.claimRuns(b, { limit: 4 });
      assert.deepEqual(first.map(({ run }) => run.runId), ids.slice(0, 4));
      for (const [index, { run, lease }] of first.entries()) {
        assert.deepEqual(lease, { runId: run.runId, ownerId: b.id, token: 2 });
        assert.deepEqual([run.input, run.spec.version, run.lastSeq], [{ index }, `1.${index}`, 2]);
        assert.deepEqual(run.owner, b);
        assert.equal(run.status, index % 2 === 0 ? "queued" : "running");
      }
      const rest = await other.claimRuns(b, { limit: 4 });
      assert.deepEqual(rest.map(({ run }) => run.runId), ids.slice(4));
      assert.deepEqual(await other.claimRuns(b, { limit: 4 }), []);
    },
  },
  {
    does: "claims runs of one workflow, or one run, when told so",
    async test({ storage, kill }) {
      const [a, b] = [testOwner("a"), testOwner("b")];
      const one = await create(storage, a);
      const two = await create(storage, a, { workflowKey: "/srv/other" });
      const three = await create(storage, a);
      await kill(a);
      const other = await storage.claimRuns(b, { workflowKey: "/srv/other", limit: 10 });
      assert.deepEqual(other.map(({ run }) => run.runId), [two.run.runId]);
      const third = await storage.claimRuns(b, { runId: three.run.runId, limit: 10 });
      assert.deepEqual(third.map(({ run }) => run.runId), [three.run.runId]);
      assert.deepEqual(await storage.claimRuns(b, { runId: three.run.runId, limit: 10 }), []);
      assert.deepEqual(await storage.claimRuns(b, { runId: "no such run", limit: 10 }), []);
      const none = await storage.claimRuns(b, {
        runId: one.run.runId,
        workflowKey: "/srv/other",
        limit: 10,
      });
      assert.deepEqual(none, []);
    },
  },
  {
    does: "does not claim what is over",
    async test({ storage, kill }) {
      const a = testOwner("a");
      const { lease } = await create(storage, a);
      await finish(storage, lease);
      await kill(a);
      assert.deepEqual(await storage.claimRuns(testOwner("b"), { limit: 10 }), []);
    },
  },
  {
    does: "gives each run to one of the engines that claim at once",
    async test({ storage, other, kill }) {
      const a = testOwner("a");
      for (let index = 0; index < 60; index++) await create(storage, a);
      await kill(a);
      const engines = Array.from({ length: 6 }, (_, index) => ({
        owner: testOwner(`e${index}`),
        storage: index % 2 === 0 ? storage : other,
      }));
      const claims = await Promise.all(
        engines.flatMap((engine) =>
          [7, 7].map((limit) => engine.storage.claimRuns(engine.owner, { limit }))
        ),
      );
      const claimed = claims.flat().map(({ run }) => run.runId);
      assert.equal(new Set(claimed).size, claimed.length);
      assert.equal(claimed.length, 60);
    },
  },
  {
    does: "lets anybody claim a run that was given up",
    async test({ storage, other }) {
      const [a, b] = [testOwner("a"), testOwner("b")];
      const { run, lease } = await create(storage, a);
      await storage.releaseRun(lease);
      assert.equal((await storage.getRun(run.runId))?.owner, undefined);
      await assert.rejects(storage.append({ lease, events: [] }), { code: "LEASE_LOST" });
      const [claimed] = await other.claimRuns(b, { limit: 1 });
      assert.equal(claimed?.lease.token, 2);
      // Giving up what one does not have changes nothing.
      await storage.releaseRun(lease);
      assert.deepEqual((await storage.getRun(run.runId))?.owner, b);
    },
  },
  {
    does: "says which runs an owner does not own any more",
    async test({ storage, other, kill }) {
      const [a, b] = [testOwner("a"), testOwner("b")];
      const lost = await create(storage, a);
      const over = await create(storage, a);
      await finish(storage, over.lease);
      await kill(a);
      await other.claimRuns(b, { limit: 10 });
      const kept = await create(storage, a);
      const ids = [lost.run.runId, kept.run.runId, over.run.runId, "no such run"];
      const gone = await storage.renewLeases(a, ids);
      assert.deepEqual([...gone].sort(), [lost.run.runId, over.run.runId, "no such run"].sort());
      assert.deepEqual(await storage.renewLeases(a, []), []);
    },
  },
  {
    does: "hands a cancel request to the owner of the run",
    async test({ storage, other }) {
      const [a, b] = [testOwner("a"), testOwner("b")];
      const { run, lease } = await create(storage, a);
      const waiting = await create(storage, a, { status: "queued" });
      await create(storage, b);
      assert.deepEqual(await storage.cancelRequests(a), []);
      assert.equal(await other.requestCancel(run.runId), true);
      assert.equal(await other.requestCancel(run.runId), true);
      assert.equal(await other.requestCancel(waiting.run.runId), true);
      assert.deepEqual(
        [...await storage.cancelRequests(a)].sort(),
        [run.runId, waiting.run.runId].sort(),
      );
      assert.deepEqual(await storage.cancelRequests(b), []);
      assert.equal((await storage.getRun(run.runId))?.cancelRequested, true);
      await finish(storage, lease, { status: "cancelled" });
      assert.deepEqual(await storage.cancelRequests(a), [waiting.run.runId]);
      assert.equal(await storage.requestCancel(run.runId), false);
      assert.equal(await storage.requestCancel("no such run"), false);
    },
  },
  {
    does: "keeps a cancel request for whoever takes the run up",
    async test({ storage, kill }) {
      const [a, b] = [testOwner("a"), testOwner("b")];
      const { run } = await create(storage, a);
      await kill(a);
      assert.equal(await storage.requestCancel(run.runId), true);
      assert.equal((await storage.getRun(run.runId))?.status, "running");
      const [claimed] = await storage.claimRuns(b, { limit: 1 });
      assert.equal(claimed?.run.cancelRequested, true);
      assert.deepEqual(await storage.cancelRequests(b), [run.runId]);
    },
  },
  {
    does: "cancels a run that waits without a living owner at once",
    async test({ storage, kill, now }) {
      const a = testOwner("a");
      const dead = await create(storage, a, { status: "queued" });
      const released = await create(storage, testOwner("b"), { status: "queued" });
      await storage.releaseRun(released.lease);
      await kill(a);
      for (const { runId } of [dead.run, released.run]) {
        assert.equal(await storage.requestCancel(runId), true);
        const run = await storage.getRun(runId);
        assert.deepEqual([run?.status, run?.lastSeq, run?.owner], ["cancelled", 1, undefined]);
        assert.match(run?.error ?? "", /^RUN_CANCELLED: /);
        assert.ok(Math.abs((run?.completedAt ?? 0) - now()) < 60_000);
        const [event] = await storage.readEvents(runId, 0);
        assert.equal(event?.kind, "run.cancelled");
        assert.equal(await storage.requestCancel(runId), false);
      }
      assert.deepEqual(await storage.claimRuns(testOwner("c"), { limit: 10 }), []);
    },
  },
];
