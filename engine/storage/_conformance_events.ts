import assert from "node:assert/strict";
import type { RunEventBody } from "../executor/mod.ts";
import { create, events, finish, line, skips, START, testOwner } from "./_conformance_fixture.ts";
import type { ConformanceCase } from "./conformance.ts";

const STARTED: RunEventBody = {
  kind: "run.started",
  workflow: "digest",
  version: "1.0",
  input: { text: "Grüße 🦕" },
  trigger: null,
};

/** Events, fencing and logs. */
export const EVENT_CASES: readonly ConformanceCase[] = [
  {
    does: "gives events back in order, as they were",
    async test({ storage, other }) {
      const { run, lease } = await create(storage, testOwner("a"));
      const all = events(run.runId, 1, STARTED, ...skips(30), line("a", "x\u0000y", { n: [1] }));
      await storage.append({ lease, events: all.slice(0, 3) });
      await storage.append({ lease, events: all.slice(3) });
      assert.deepEqual(await other.readEvents(run.runId, 0), all);
      assert.deepEqual(await other.readEvents(run.runId, 5, 4), all.slice(5, 9));
      assert.deepEqual(await other.readEvents(run.runId, 32), []);
      assert.deepEqual(await other.readEvents("no such run", 0), []);
      assert.equal((await other.getRun(run.runId))?.lastSeq, 32);
    },
  },
  {
    does: "appends in the order of the calls, though none waits for the one before",
    async test({ storage }) {
      const { run, lease } = await create(storage, testOwner("a"));
      const all = events(run.runId, 1, ...skips(200));
      await Promise.all(all.map((event) => storage.append({ lease, events: [event] })));
      assert.deepEqual(await storage.readEvents(run.runId, 0), all);
    },
  },
  {
    does: "changes the run together with its events",
    async test({ storage, other }) {
      const { run, lease } = await create(storage, testOwner("a"), { status: "queued" });
      await storage.append({
        lease,
        events: events(run.runId, 1, STARTED),
        update: { status: "running", startedAt: START + 5 },
      });
      const running = await other.getRun(run.runId);
      assert.deepEqual([running?.status, running?.startedAt], ["running", START + 5]);
      await storage.append({
        lease,
        events: events(run.runId, 2, {
          kind: "run.failed",
          durationMs: 3,
          error: { code: "NODE_FAILED", message: "no" },
        }),
        update: { status: "failed", completedAt: START + 8, error: "NODE_FAILED: no" },
      });
      const failed = await other.getRun(run.runId);
      assert.deepEqual(
        [failed?.status, failed?.startedAt, failed?.completedAt, failed?.error, failed?.lastSeq],
        ["failed", START + 5, START + 8, "NODE_FAILED: no", 2],
      );
      assert.equal(failed?.owner, undefined);
    },
  },
  {
    does: "takes an update without events",
    async test({ storage }) {
      const { run, lease } = await create(storage, testOwner("a"), { status: "queued" });
      await storage.append({
        lease,
        events: [],
        update: { status: "running", startedAt: START + 1 },
      });
      assert.equal((await storage.getRun(run.runId))?.status, "running");
    },
  },
  {
    does: "refuses an append with an old token, and writes nothing of it",
    async test({ storage, other, kill }) {
      const [a, b] = [testOwner("a"), testOwner("b")];
      const { run, lease } = await create(storage, a);
      await storage.append({ lease, events: events(run.runId, 1, STARTED) });
      await kill(a);
      const [claimed] = await other.claimRuns(b, { limit: 1 });
      assert.equal(claimed?.lease.token, 2);
      const late = {
        lease,
        events: events(run.runId, 2, { kind: "run.succeeded", durationMs: 1 } as const),
        update: { status: "succeeded", completedAt: START } as const,
      };
      await assert.rejects(storage.append(late), { code: "LEASE_LOST" });
      // Neither the token nor the owner alone is a proof.
      await assert.rejects(storage.append({ ...late, lease: { ...lease, token: 2 } }), {
        code: "LEASE_LOST",
      });
      await assert.rejects(storage.append({ ...late, lease: { ...lease, ownerId: b.id } }), {
        code: "LEASE_LOST",
      });
      assert.equal((await storage.readEvents(run.runId, 0)).length, 1);
      assert.equal((await storage.getRun(run.runId))?.status, "running");
      if (claimed !== undefined) await finish(other, claimed.lease, { seq: 2 });
    },
  },
  {
    does: "refuses the lost lease alone of what is appended in one moment",
    async test({ storage, other, kill }) {
      const [a, b] = [testOwner("a"), testOwner("b")];
      const lost = await create(storage, a);
      await kill(a);
      await other.claimRuns(b, { limit: 10 });
      const kept = await create(storage, b);
      const outcomes = await Promise.allSettled([
        storage.append({ lease: kept.lease, events: events(kept.run.runId, 1, STARTED) }),
        storage.append({ lease: lost.lease, events: events(lost.run.runId, 1, STARTED) }),
        storage.append({ lease: kept.lease, events: events(kept.run.runId, 2, ...skips(1)) }),
      ]);
      assert.deepEqual(outcomes.map(({ status }) => status), [
        "fulfilled",
        "rejected",
        "fulfilled",
      ]);
      assert.equal((await storage.readEvents(kept.run.runId, 0)).length, 2);
      assert.deepEqual(await storage.readEvents(lost.run.runId, 0), []);
    },
  },
  {
    does: "takes no event for a run that is over",
    async test({ storage }) {
      const { run, lease } = await create(storage, testOwner("a"));
      await finish(storage, lease);
      await assert.rejects(storage.append({ lease, events: events(run.runId, 2, ...skips(1)) }), {
        code: "LEASE_LOST",
      });
      assert.equal((await storage.readEvents(run.runId, 0)).length, 1);
    },
  },
  {
    does: "takes no event that does not follow on the last",
    async test({ storage }) {
      const { run, lease } = await create(storage, testOwner("a"));
      for (const seq of [0, 2, 3]) {
        await assert.rejects(
          storage.append({ lease, events: events(run.runId, seq, ...skips(1)) }),
          {
            code: "INTERNAL",
          },
        );
      }
      const [first, , third] = events(run.runId, 1, ...skips(3));
      if (first === undefined || third === undefined) throw new Error("There are three");
      await assert.rejects(storage.append({ lease, events: [first, third] }), { code: "INTERNAL" });
      assert.deepEqual(await storage.readEvents(run.runId, 0), []);
      assert.equal((await storage.getRun(run.runId))?.lastSeq, 0);
    },
  },
  {
    does: "calls back after an append, also of another engine",
    async test({ storage, other, advance }) {
      const { run, lease } = await create(storage, testOwner("a"));
      const heard = { here: [] as string[], there: [] as string[] };
      const { promise, resolve } = Promise.withResolvers<void>();
      const stops = [
        storage.onChange((runId) => heard.here.push(runId)),
        other.onChange((runId) => {
          heard.there.push(runId);
          resolve();
        }),
      ];
      await advance(0);
      await storage.append({ lease, events: events(run.runId, 1, ...skips(3)) });
      for (let waited = 0; waited < 50 && heard.there.length === 0; waited++) await advance(100);
      await promise;
      for (const stop of stops) stop();
      assert.ok(heard.here.includes(run.runId));
      assert.ok(heard.there.includes(run.runId));
      const before = heard.here.length;
      await storage.append({ lease, events: events(run.runId, 4, ...skips(1)) });
      assert.equal(heard.here.length, before);
    },
  },
  {
    does: "reads the log of one node and of all, a line each",
    async test({ storage }) {
      const { run, lease } = await create(storage, testOwner("a"));
      await storage.append({
        lease,
        events: events(
          run.runId,
          1,
          STARTED,
          line("a", "one"),
          line("b", "two", { n: 1 }),
          line("a", "three\nlines\nof it"),
        ),
      });
      const at = (seq: number) => new Date(START + seq).toISOString();
      const [one, two, three] = [
        `${at(2)} info  [a] one\n`,
        `${at(3)} info  [b] two {"n":1}\n`,
        `${at(4)} info  [a] three\n  lines\n  of it\n`,
      ];
      const all = { fromByte: 0, maxBytes: 10_000 };
      assert.deepEqual(await storage.readLog(run.runId, all), {
        text: `${one}${two}${three}`,
        nextByte: one.length + two.length + three.length,
        isEnd: false,
      });
      assert.equal(
        (await storage.readLog(run.runId, { ...all, node: "a" })).text,
        `${one}${three}`,
      );
      assert.equal((await storage.readLog(run.runId, { ...all, node: "b" })).text, two);
      assert.equal((await storage.readLog(run.runId, { ...all, node: "c" })).text, "");
    },
  },
  {
    does: "counts bytes of UTF-8 in a log and never cuts a character",
    async test({ storage }) {
      const { run, lease } = await create(storage, testOwner("a"));
      const lines = Array.from(
        { length: 20 },
        (_, index) => line("a", `Grüße 🦕 aus 東京 ${index}`),
      );
      await storage.append({ lease, events: events(run.runId, 1, ...lines) });
      await finish(storage, lease, { seq: 21 });
      const whole = await storage.readLog(run.runId, { fromByte: 0, maxBytes: 100_000 });
      assert.equal(whole.nextByte, new TextEncoder().encode(whole.text).length);
      assert.equal(whole.isEnd, true);
      for (const maxBytes of [1, 4, 5, 7, 64, 1_000]) {
        let text = "";
        let fromByte = 0;
        for (;;) {
          const chunk = await storage.readLog(run.runId, { fromByte, maxBytes });
          const bytes = new TextEncoder().encode(chunk.text).length;
          assert.ok(bytes <= Math.max(4, maxBytes));
          assert.equal(chunk.nextByte, fromByte + bytes);
          text += chunk.text;
          fromByte = chunk.nextByte;
          if (chunk.isEnd) break;
          assert.ok(bytes > 0 || fromByte === whole.nextByte);
        }
        assert.equal(text, whole.text);
      }
    },
  },
  {
    does: "follows a log from byte to byte until the run is over",
    async test({ storage, other }) {
      const { run, lease } = await create(storage, testOwner("a"));
      let text = "";
      let fromByte = 0;
      async function readOn(): Promise<boolean> {
        const chunk = await other.readLog(run.runId, { fromByte, maxBytes: 10_000 });
        text += chunk.text;
        fromByte = chunk.nextByte;
        return chunk.isEnd;
      }
      assert.equal(await readOn(), false);
      for (let seq = 1; seq <= 5; seq++) {
        await storage.append({ lease, events: events(run.runId, seq, line("a", `né ${seq}`)) });
        assert.equal(await readOn(), false);
        assert.equal(text.split("\n").length, seq + 1);
      }
      await finish(storage, lease, { seq: 6 });
      assert.equal(await readOn(), true);
      assert.match(text, /né 1\n[^]*né 5\n$/);
    },
  },
];
