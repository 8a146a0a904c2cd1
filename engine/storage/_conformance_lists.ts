import assert from "node:assert/strict";
import type { RunStatus } from "../executor/mod.ts";
import {
  create,
  finish,
  runIdAt,
  START,
  type StorageFixture,
  testOwner,
} from "./_conformance_fixture.ts";
import type { RunFilter } from "./records.ts";
import type { ConformanceCase } from "./conformance.ts";

/** Lists, counts and retention. */
export const LIST_CASES: readonly ConformanceCase[] = [
  {
    does: "lists the newest runs first, page by page",
    async test({ storage, other }) {
      const ids: string[] = [];
      for (let index = 0; index < 25; index++) {
        // Two in each millisecond: the id decides between them.
        const createdAt = START + Math.floor(index / 2);
        ids.push((await create(storage, testOwner("a"), { createdAt })).run.runId);
      }
      ids.reverse();
      const listed: string[] = [];
      let before: string | undefined;
      for (;;) {
        const page = await other.listRuns({ limit: 7, ...before === undefined ? {} : { before } });
        listed.push(...page.map(({ runId }) => runId));
        before = page.at(-1)?.runId;
        if (page.length < 7) break;
      }
      assert.deepEqual(listed, ids);
    },
  },
  {
    does: "goes on behind a run that was deleted since",
    async test({ storage }) {
      const owner = testOwner("a");
      const first = await create(storage, owner, { createdAt: START });
      const second = await create(storage, owner, { createdAt: START + 1 });
      await create(storage, owner, { createdAt: START + 2 });
      await finish(storage, second.lease);
      await storage.deleteRun(second.run.runId);
      const page = await storage.listRuns({ limit: 10, before: second.run.runId });
      assert.deepEqual(page.map(({ runId }) => runId), [first.run.runId]);
      assert.deepEqual(await storage.listRuns({ limit: 10, before: runIdAt(START - 1) }), []);
    },
  },
  {
    does: "filters a list by workflow, state and time, in any combination",
    async test(fixture) {
      const { storage } = fixture;
      const all = await sampleRuns(fixture);
      const filters: Omit<RunFilter, "limit">[] = [{}];
      for (const workflow of [undefined, "a", "none"]) {
        for (const workflowKey of [undefined, "/b"]) {
          for (const status of [undefined, ["failed"], ["queued", "succeeded"], []] as const) {
            for (const [createdAfter, createdBefore] of [[], [START + 3, START + 8], [START + 5]]) {
              filters.push({
                ...workflow === undefined ? {} : { workflow },
                ...workflowKey === undefined ? {} : { workflowKey },
                ...status === undefined ? {} : { status },
                ...createdAfter === undefined ? {} : { createdAfter },
                ...createdBefore === undefined ? {} : { createdBefore },
              });
            }
          }
        }
      }
      for (const filter of filters) {
        const want = all.filter((run) =>
          (filter.workflow === undefined || run.workflow === filter.workflow) &&
          (filter.workflowKey === undefined || run.workflowKey === filter.workflowKey) &&
          (filter.status === undefined || filter.status.includes(run.status)) &&
          (filter.createdAfter === undefined || run.createdAt >= filter.createdAfter) &&
          (filter.createdBefore === undefined || run.createdAt <= filter.createdBefore)
        ).map(({ runId }) => runId);
        const have = await storage.listRuns({ ...filter, limit: 100 });
        assert.deepEqual(have.map(({ runId }) => runId), want, JSON.stringify(filter));
        const [, second] = have;
        if (second === undefined) continue;
        const page = await storage.listRuns({ ...filter, before: second.runId, limit: 2 });
        assert.deepEqual(page.map(({ runId }) => runId), want.slice(2, 4));
      }
    },
  },
  {
    does: "lists the runs of some of many workflows, in any combination with the other filters",
    async test({ storage, other }) {
      const keys = Array.from({ length: 12 }, (_, index) => `/flows/w${index}, "${index}"`);
      const runs: { id: string; key: string; status: RunStatus; at: number }[] = [];
      for (let index = 0; index < 90; index++) {
        // Some workflows have many runs at one end of time, others a few all over it.
        const key = keys[index < 30 ? index % 2 : index % keys.length] ?? "";
        const status: RunStatus = (["succeeded", "failed", "running"] as const)[index % 3] ??
          "failed";
        const at = START + Math.floor(index / 3);
        const { run, lease } = await create(storage, testOwner("a"), {
          workflowKey: key,
          createdAt: at,
        });
        if (status !== "running") await storage.append({ lease, events: [], update: { status } });
        runs.push({ id: run.runId, key, status, at });
      }
      runs.reverse();
      for (
        const workflowKeys of [[], keys.slice(0, 1), keys.slice(3), [...keys, ...keys], ["no"]]
      ) {
        for (const status of [undefined, ["failed"], ["running", "succeeded"], []] as const) {
          for (const limit of [1, 7, 100]) {
            const want = runs.filter((run) =>
              workflowKeys.includes(run.key) && (status?.some((one) => one === run.status) ?? true)
            ).map(({ id }) => id);
            const filter = { workflowKeys, ...status === undefined ? {} : { status }, limit };
            const first = (await other.listRuns(filter)).map(({ runId }) => runId);
            assert.deepEqual(first, want.slice(0, limit), JSON.stringify(filter));
            const before = first.at(-1);
            if (before === undefined) continue;
            const next = (await storage.listRuns({ ...filter, before })).map(({ runId }) => runId);
            assert.deepEqual(next, want.slice(limit, 2 * limit), JSON.stringify(filter));
          }
        }
      }
      const narrow = { workflowKeys: keys.slice(0, 2), limit: 100 };
      for (const workflowKey of [keys[0] ?? "", keys[5] ?? ""]) {
        const listed = await storage.listRuns({ ...narrow, workflowKey });
        const isIn = workflowKey === keys[0];
        const want = runs.filter(({ key }) => isIn && key === workflowKey).map(({ id }) => id);
        assert.deepEqual(listed.map(({ runId }) => runId), want);
      }
    },
  },
  {
    does: "counts what waits and what runs of one workflow",
    async test(fixture) {
      const { storage } = fixture;
      const all = await sampleRuns(fixture);
      for (const workflowKey of ["/a", "/b"]) {
        const count = (status: RunStatus) =>
          all.filter((run) => run.workflowKey === workflowKey && run.status === status).length;
        assert.deepEqual(await storage.countRuns(workflowKey), {
          queued: count("queued"),
          running: count("running"),
        });
      }
      assert.deepEqual(await storage.countRuns("/none"), { queued: 0, running: 0 });
    },
  },
  {
    does: "deletes runs that ended before a time, and none that is not over",
    async test({ storage }) {
      const owner = testOwner("a");
      const old = await create(storage, owner);
      const young = await create(storage, owner);
      const open = await create(storage, owner);
      const other = await create(storage, owner, { workflowKey: "/srv/other" });
      await finish(storage, old.lease, { completedAt: START + 10 });
      await finish(storage, young.lease, { completedAt: START + 20 });
      await finish(storage, other.lease, { completedAt: START + 10 });
      const deleted = await storage.applyRetention({
        workflowKey: "/srv/digest",
        completedBefore: START + 20,
        maxCount: undefined,
      });
      assert.equal(deleted, 1);
      assert.equal(await storage.getRun(old.run.runId), undefined);
      assert.deepEqual(await storage.readEvents(old.run.runId, 0), []);
      const all = { workflowKey: undefined, completedBefore: START + 99, maxCount: undefined };
      assert.equal(await storage.applyRetention(all), 2);
      assert.deepEqual((await storage.listRuns({ limit: 10 })).map(({ runId }) => runId), [
        open.run.runId,
      ]);
      assert.equal(await storage.applyRetention(all), 0);
    },
  },
  {
    does: "keeps as many completed runs as it is told, the newest",
    async test({ storage }) {
      const owner = testOwner("a");
      const open = await create(storage, owner);
      const ids: string[] = [];
      for (let index = 0; index < 12; index++) {
        const { run, lease } = await create(storage, owner, { createdAt: START + index });
        await finish(storage, lease, { completedAt: START + 100 + index });
        ids.push(run.runId);
      }
      const elsewhere = await create(storage, owner, { workflowKey: "/srv/other" });
      await finish(storage, elsewhere.lease);
      const retention = { workflowKey: "/srv/digest", completedBefore: undefined, maxCount: 5 };
      assert.equal(await storage.applyRetention(retention), 7);
      const left = await storage.listRuns({ workflowKey: "/srv/digest", limit: 100 });
      assert.deepEqual(left.map(({ runId }) => runId), [...ids.slice(7).reverse(), open.run.runId]);
      assert.ok(await storage.getRun(elsewhere.run.runId));
      const none = { workflowKey: undefined, completedBefore: undefined, maxCount: undefined };
      assert.equal(await storage.applyRetention(none), 0);
      assert.equal(await storage.applyRetention({ ...none, maxCount: 0 }), 6);
    },
  },
];

/** Runs of two workflows in every state, newest first. */
async function sampleRuns({ storage }: StorageFixture): Promise<
  readonly {
    readonly runId: string;
    readonly workflow: string;
    readonly workflowKey: string;
    readonly status: RunStatus;
    readonly createdAt: number;
  }[]
> {
  const states: RunStatus[] = [
    "queued",
    "running",
    "succeeded",
    "failed",
    "cancelled",
    "interrupted",
  ];
  const runs = [];
  for (let index = 0; index < 24; index++) {
    const status = states[index % states.length] ?? "queued";
    const workflow = index % 4 < 2 ? "a" : "b";
    const workflowKey = index % 8 === 0 ? "/b" : `/${workflow}`;
    const createdAt = START + Math.floor(index / 2);
    const { run, lease } = await create(storage, testOwner("a"), {
      status: "queued",
      workflow,
      workflowKey,
      createdAt,
    });
    if (status !== "queued") await storage.append({ lease, events: [], update: { status } });
    runs.push({ runId: run.runId, workflow, workflowKey, status, createdAt });
  }
  return runs.reverse();
}
