import assert from "node:assert/strict";
import { withPrunner } from "./_test_prunner.ts";

/** Pipelines of tasks without a script: nothing but the engine is at work. */
const FILES = {
  "pipelines.yml": `pipelines:
  plain:
    concurrency: 100
    tasks:
      a: {}
      b: { depends_on: [a] }
  other:
    tasks:
      a: {}
  broken:
    tasks:
      a: { script: ["{{ .gone }}"] }
    on_error: { script: ["{{ .gone }}"] }
  held:
    queue_limit: 1
    tasks:
      a: { script: ["sleep 600"] }
`,
  "flow/workflow.yaml": `name: flow
version: "1.0"
description: Of a test
nodes:
  only: { path: ./only.ts, isolation: none }
`,
  "flow/only.ts": `export default function run(ctx: any): any {
  ctx.log.info("good");
  ctx.log.warn("bad");
  return 1;
}
`,
};

Deno.test("events of jobs that end here are read from memory, each once; those of before are read once", () =>
  withPrunner(FILES, async (prunner) => {
    const ids: string[] = [];
    for (let n = 0; n < 3; n++) ids.unshift(await prunner.run("plain"));
    const first = await prunner.ask("/pipelines/jobs");
    assert.deepEqual(first.body.jobs.map(({ id }: { id: string }) => id), ids);
    assert.deepEqual(await prunner.ask("/pipelines/jobs"), first);
    assert.deepEqual((await prunner.ask(`/job/detail?id=${ids[0]}`)).body, first.body.jobs[0]);
    assert.equal(prunner.eventsRead(), 0);
    await prunner.reopened(async (again) => {
      const lists = await Promise.all([1, 2, 3].map(() => again.ask("/pipelines/jobs")));
      for (const list of lists) assert.deepEqual(list, first);
      assert.deepEqual(await again.ask("/pipelines/jobs"), first);
      const counts = await Promise.all(
        ids.map(async (id) => (await again.storage.getRun(id))?.lastSeq ?? 0),
      );
      assert.equal(again.eventsRead(), counts.reduce((sum, count) => sum + count, 0));
    });
  }));

Deno.test("?limit= lists the newest so many jobs, and anything else is refused", () =>
  withPrunner(FILES, async ({ run, ask }) => {
    await run("plain");
    const newest = await run("other");
    const { body } = await ask("/pipelines/jobs?limit=1");
    assert.deepEqual(body.jobs.map(({ id }: { id: string }) => id), [newest]);
    for (const limit of ["0", "x", "-1", "10001"]) {
      assert.equal((await ask(`/pipelines/jobs?limit=${limit}`)).status, 400);
    }
  }));

Deno.test("a caller sees, starts and cancels what its token is for; everything else is not there", () =>
  withPrunner(FILES, async ({ ask, run, schedule }) => {
    const [mine, others] = [await run("plain"), await run("other")];
    const held = await schedule("held");
    const claims = { scope: "run", workflows: ["plain"] } as const;
    const { body } = await ask("/pipelines/jobs", {}, claims);
    assert.deepEqual(body.pipelines.map((one: { pipeline: string }) => one.pipeline), ["plain"]);
    assert.deepEqual(body.jobs.map(({ id }: { id: string }) => id), [mine]);
    assert.equal((await ask(`/job/detail?id=${mine}`, {}, claims)).status, 200);
    for (const path of [`/job/detail?id=${others}`, `/job/logs?id=${others}&task=a`]) {
      const { status, body } = await ask(path, {}, claims);
      assert.deepEqual([status, body], [404, { error: "Job not found" }]);
    }
    const cancel = await ask(`/job/cancel?id=${held}`, { method: "POST" }, claims);
    assert.equal(cancel.status, 404);
    const post = { method: "POST", body: '{"pipeline":"other"}' };
    const start = await ask("/pipelines/schedule", post, claims);
    assert.deepEqual([start.status, start.body], [400, {
      error: 'Error scheduling pipeline: pipeline "other" is not defined',
    }]);
    const reader = await ask("/pipelines/schedule", post, { scope: "read" });
    assert.equal(reader.status, 403);
    assert.match(reader.body.error, /takes the scope run/);
    assert.equal((await ask(`/job/cancel?id=${held}`, { method: "POST" })).body, true);
  }));

Deno.test("a template that cannot be rendered is the task's error, without an exit code", () =>
  withPrunner(FILES, async ({ ask, run }) => {
    const { body } = await ask(`/job/detail?id=${await run("broken")}`);
    assert.deepEqual(
      body.tasks.map(({ name, status, exitCode }: { [key: string]: unknown }) => [
        name,
        status,
        exitCode,
      ]),
      [["a", "error", -1], ["on_error", "error", -1]],
    );
    assert.match(body.lastError, /gone/);
  }));

Deno.test("a workflow folder is a pipeline too, and what its nodes log is their output", () =>
  withPrunner(FILES, async ({ ask, run }) => {
    const id = await run("flow");
    const { body } = await ask(`/job/detail?id=${id}`);
    assert.deepEqual([body.pipeline, body.errored, body.tasks[0].status], ["flow", false, "done"]);
    const logs = await ask(`/job/logs?id=${id}&task=only`);
    assert.deepEqual(logs.body, { stdout: "good\n", stderr: "bad\n" });
  }));

Deno.test("a job that waits is told as waiting, then as canceled, all of its tasks too", () =>
  withPrunner(FILES, async ({ ask, schedule }) => {
    const [first, second] = [await schedule("held"), await schedule("held")];
    const waiting = await ask(`/job/detail?id=${second}`);
    assert.equal("start" in waiting.body, false);
    assert.equal(waiting.body.tasks[0].status, "waiting");
    const refused = await ask("/pipelines/schedule", {
      method: "POST",
      body: '{"pipeline":"held"}',
    });
    assert.equal(refused.status, 400);
    assert.equal((await ask(`/job/cancel?id=${second}`, { method: "POST" })).status, 200);
    const { body } = await ask(`/job/detail?id=${second.toUpperCase()}`);
    assert.deepEqual([body.canceled, body.tasks[0].status, "start" in body], [
      true,
      "canceled",
      false,
    ]);
    assert.equal((await ask(`/job/cancel?id=${first}`, { method: "POST" })).body, true);
  }));

Deno.test("no body, id or task that is asked for makes the server fail", () =>
  withPrunner(FILES, async ({ ask, run }) => {
    const deep = `${"[".repeat(5_000)}${"]".repeat(5_000)}`;
    const bodies = [
      "null",
      "0",
      '"plain"',
      '{"pipeline":"__proto__"}',
      '{"pipeline":"plain","variables":"x"}',
      '{"pipeline":"plain","queuePartition":{}}',
      `{"pipeline":"plain","variables":{"x":${deep}}}`,
      '{"pipeline":["plain"]}',
      '{"pipeline":"\\ud800"}',
    ];
    for (const body of bodies) {
      const answer = await ask("/pipelines/schedule", { method: "POST", body });
      assert.equal(answer.status, 400, body.slice(0, 60));
      assert.equal(typeof answer.body.error, "string");
    }
    const odd =
      '{"pipeline":"other","variables":{"__proto__":{"a":1},"n":1e308,"s":"\\u0000\\ud800"}}';
    const accepted = await ask("/pipelines/schedule", { method: "POST", body: odd });
    assert.equal(accepted.status, 202);
    const { body } = await ask(`/job/detail?id=${accepted.body.jobId}`);
    assert.deepEqual(body.variables.n, 1e308);
    const id = await run("plain");
    for (const task of ["__proto__", "constructor", "%00", "a/../b", "x".repeat(5_000)]) {
      assert.equal((await ask(`/job/logs?id=${id}&task=${task}`)).status, 404);
    }
    for (const path of ["/pipelines/nothing", "/job/", "/job/detail/more"]) {
      const { status, body } = await ask(path);
      assert.deepEqual([status, typeof body.error], [404, "string"]);
    }
    assert.equal((await ask("/pipelines/schedule")).status, 405);
    assert.equal((await ask("/pipelines", { method: "POST" })).status, 405);
  }));
