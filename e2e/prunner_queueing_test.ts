/** Queues of pipelines: real scripts of a `pd serve`, seen over HTTP. */
import assert from "node:assert/strict";
import { statuses } from "./_prunner_client.ts";
import { waitFor } from "./_prunner_server.ts";
import { type CasePlace, type PrunnerCase, showPrunnerCases } from "./_prunner_case.ts";

/** A task that says its variable, then waits until it may go on. */
function held(pipeline: string) {
  return {
    tasks: {
      only: { script: [`echo {{ .n }} >> ${pipeline}.txt; ${waitFor(`${pipeline}-go`)}`] },
    },
  };
}

/** Schedules jobs one after another, numbered from 1; the first has begun then. */
async function scheduled(
  { client }: CasePlace,
  pipeline: string,
  partitions: readonly (string | undefined)[],
): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const [index, queuePartition] of partitions.entries()) {
    const more = queuePartition === undefined ? {} : { queuePartition };
    ids.push(await client.schedule(pipeline, { n: index + 1 }, more));
    if (index === 0) await client.begun(ids[0] as string);
  }
  return ids;
}

/** Lets the jobs go on; in which order they began, and which were cancelled. */
async function played({ client, server }: CasePlace, pipeline: string, ids: readonly string[]) {
  await server.touch(`${pipeline}-go`);
  const jobs = await Promise.all(ids.map((id) => client.over(id)));
  const began = (await server.read(`${pipeline}.txt`)).trim().split("\n").map(Number);
  const canceled = jobs.flatMap((job, index) => job.canceled ? [index + 1] : []);
  return { began, canceled };
}

function times<Item>(count: number, item?: Item): readonly (Item | undefined)[] {
  return Array.from({ length: count }, () => item);
}

const CASES: readonly PrunnerCase[] = [
  {
    does: "jobs of one pipeline do not overlap, and go in the order in which they came",
    pipelines: { fifo: held("fifo") },
    async show(place) {
      const ids = await scheduled(place, "fifo", times(4));
      const [first, ...others] = await Promise.all(ids.map((id) => place.client.job(id)));
      assert.ok(first?.start);
      for (const { start, tasks, canceled } of others) {
        assert.deepEqual([start, tasks[0]?.status, canceled], [undefined, "waiting", false]);
      }
      assert.deepEqual(await played(place, "fifo", ids), { began: [1, 2, 3, 4], canceled: [] });
    },
  },
  {
    does: "concurrency counts jobs, not tasks",
    pipelines: {
      two_at_once: {
        concurrency: 2,
        tasks: {
          a: { script: [waitFor("two-go")] },
          b: { script: [waitFor("two-go")] },
        },
      },
    },
    async show({ client, server }) {
      const [one, two, three] = [
        await client.schedule("two_at_once"),
        await client.schedule("two_at_once"),
        await client.schedule("two_at_once"),
      ];
      for (const id of [one, two]) {
        const isOn = ({ tasks }: { readonly tasks: readonly { readonly status: string }[] }) =>
          tasks.every(({ status }) => status === "running");
        await client.until(id, isOn);
      }
      assert.equal((await client.job(three)).start, undefined);
      await server.touch("two-go");
      for (const id of [one, two, three]) assert.equal((await client.over(id)).errored, false);
    },
  },
  {
    does:
      "queue_limit refuses the job that finds the queue full, and the pipeline is not schedulable",
    pipelines: { limited: { queue_limit: 1, ...held("limited") } },
    async show(place) {
      const { client } = place;
      assert.deepEqual(await client.pipeline("limited"), {
        pipeline: "limited",
        schedulable: true,
        running: false,
      });
      const ids = await scheduled(place, "limited", times(2));
      const refused = await client.trySchedule("limited");
      assert.equal(refused.status, 400);
      assert.deepEqual(refused.body, {
        error:
          "Error scheduling pipeline: concurrency exceeded and queue limit reached for pipeline",
      });
      assert.deepEqual(await client.pipeline("limited"), {
        pipeline: "limited",
        schedulable: false,
        running: true,
      });
      assert.deepEqual(await played(place, "limited", ids), { began: [1, 2], canceled: [] });
      assert.equal((await client.pipeline("limited"))?.schedulable, true);
    },
  },
  {
    does: "queue_limit 0 runs a job when nothing runs, and refuses one only meanwhile",
    pipelines: { unqueued: { queue_limit: 0, ...held("unqueued") } },
    async show(place) {
      const { client } = place;
      assert.equal((await client.pipeline("unqueued"))?.schedulable, true);
      const ids = await scheduled(place, "unqueued", times(1));
      const refused = await client.trySchedule("unqueued");
      assert.equal(refused.status, 400);
      assert.deepEqual(refused.body, {
        error: "Error scheduling pipeline: concurrency exceeded and queueing disabled for pipeline",
      });
      assert.equal((await client.pipeline("unqueued"))?.schedulable, false);
      assert.deepEqual(await played(place, "unqueued", ids), { began: [1], canceled: [] });
      assert.equal((await client.run("unqueued", { n: 2 })).errored, false);
    },
  },
  {
    does: "replace cancels the job that waits last, and the newest takes its place",
    pipelines: {
      replacing: { queue_limit: 2, queue_strategy: "replace", ...held("replacing") },
    },
    async show(place) {
      const ids = await scheduled(place, "replacing", times(5));
      const replaced = await place.client.job(ids[2] as string);
      assert.deepEqual(
        [replaced.canceled, replaced.completed, replaced.errored, replaced.start],
        [true, true, false, undefined],
      );
      assert.deepEqual(statuses(replaced), { only: "canceled" });
      assert.equal((await place.client.pipeline("replacing"))?.schedulable, true);
      const { began, canceled } = await played(place, "replacing", ids);
      assert.deepEqual({ began, canceled }, { began: [1, 2, 5], canceled: [3, 4] });
    },
  },
  {
    does: "replace without a limit lets all of them wait",
    pipelines: { unlimited: { queue_strategy: "replace", ...held("unlimited") } },
    async show(place) {
      const ids = await scheduled(place, "unlimited", times(3));
      assert.deepEqual(await played(place, "unlimited", ids), { began: [1, 2, 3], canceled: [] });
    },
  },
  {
    does: "start_delay with replace starts the last of many, once",
    pipelines: {
      delayed: {
        start_delay: "1s",
        queue_limit: 1,
        queue_strategy: "replace",
        tasks: { only: { script: ["echo {{ .n }} >> delayed.txt"] } },
      },
    },
    async show({ client, server }) {
      const ids: string[] = [];
      for (const n of [1, 2, 3]) ids.push(await client.schedule("delayed", { n }));
      const waiting = await client.job(ids[2] as string);
      assert.deepEqual([waiting.start, waiting.completed], [undefined, false]);
      const jobs = await Promise.all(ids.map((id) => client.over(id)));
      assert.deepEqual(jobs.map(({ canceled }) => canceled), [true, true, false]);
      assert.equal(await server.read("delayed.txt"), "3\n");
    },
  },
  {
    does: "partitioned_replace replaces within a partition, and the newest goes to the end",
    pipelines: {
      partitions: {
        queue_strategy: "partitioned_replace",
        queue_partition_limit: 1,
        ...held("partitions"),
      },
    },
    async show(place) {
      const ids = await scheduled(place, "partitions", ["a", "a", "b", "a"]);
      const { began, canceled } = await played(place, "partitions", ids);
      assert.deepEqual({ began, canceled }, { began: [1, 3, 4], canceled: [2] });
    },
  },
  {
    does: "a queued job that is cancelled never begins, and frees its place",
    pipelines: { freed: { queue_limit: 1, ...held("freed") } },
    async show(place) {
      const { client } = place;
      const ids = await scheduled(place, "freed", times(2));
      const { status, text } = await client.cancel(ids[1] as string);
      assert.deepEqual([status, text], [200, "true"]);
      const job = await client.job(ids[1] as string);
      assert.deepEqual([job.canceled, job.start, job.lastError], [true, undefined, undefined]);
      assert.deepEqual(statuses(job), { only: "canceled" });
      const third = await client.schedule("freed", { n: 3 });
      assert.deepEqual(await played(place, "freed", [...ids, third]), {
        began: [1, 3],
        canceled: [2],
      });
    },
  },
  {
    does:
      "a job that runs is cancelled with all that it started, without on_error; again is no error",
    pipelines: {
      cancelled: {
        tasks: {
          one: { script: ["trap '' INT; sleep 300 & echo $! > cancelled.pid; wait"] },
          two: { script: ["touch cancelled-wrong"], depends_on: ["one"] },
        },
        on_error: { script: ["touch cancelled-wrong"] },
      },
    },
    async show({ client, server }) {
      const id = await client.schedule("cancelled");
      await client.until(id, () => server.has("cancelled.pid"));
      assert.equal((await client.cancel(id)).text, "true");
      assert.equal((await client.cancel(id)).text, "true");
      const job = await client.over(id);
      assert.deepEqual([job.canceled, job.errored, job.lastError], [true, false, undefined]);
      assert.deepEqual(statuses(job), { one: "canceled", two: "skipped" });
      const pid = (await server.read("cancelled.pid")).trim();
      const state = await Deno.readTextFile(`/proc/${pid}/status`).catch(() => "State: Z");
      assert.match(state, /State:\s*Z/);
      assert.equal(await server.has("cancelled-wrong"), false);
      const again = await client.cancel(id);
      assert.deepEqual([again.status, again.text], [200, "true"]);
    },
  },
  {
    does: "a job that is over cannot be cancelled",
    pipelines: { over: { tasks: { one: { script: ["true"] } } } },
    async show({ client }) {
      const { id } = await client.run("over");
      const { status, body } = await client.cancel(id);
      assert.equal(status, 500);
      assert.deepEqual(body, { error: "Error canceling job" });
      assert.equal((await client.job(id)).canceled, false);
    },
  },
];

showPrunnerCases("prunner's pipelines: who waits, who gives way, who is refused", CASES);
