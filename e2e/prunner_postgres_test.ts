/** prunner's API of two servers on one PostgreSQL: each shows and cancels the jobs of both. */
import assert from "node:assert/strict";
import { stringify } from "yaml";
import { findPostgres, startPostgres } from "./_postgres_server.ts";
import { statuses, untilTrue } from "./_prunner_client.ts";
import { PrunnerServer, waitFor } from "./_prunner_server.ts";

const postgres = await findPostgres();

const PIPELINES = stringify({
  pipelines: {
    shared: {
      tasks: {
        one: { script: [`echo one; ${waitFor("go")}`] },
        two: { script: ["echo two"], depends_on: ["one"] },
      },
    },
  },
});

Deno.test({
  name:
    "two servers on one PostgreSQL show each other's jobs and logs as they go on, and cancel them",
  ignore: postgres.status === "missing",
  async fn() {
    await using database = await startPostgres();
    const url = await database.createDatabase();
    const options = { files: { "pipelines.yml": PIPELINES }, env: { PD_STORAGE: url } };
    await using first = await PrunnerServer.start(options);
    await using second = await PrunnerServer.start(options);
    const id = await first.client.schedule("shared", { a: 1 });
    const elsewhere = second.client;
    await untilTrue(async () => (await elsewhere.jobs()).jobs[0]?.tasks[0]?.status === "running");
    await untilTrue(async () => (await elsewhere.logs(id, "one")).stdout === "one\n");
    await first.touch("go");
    const job = await elsewhere.over(id);
    assert.deepEqual(statuses(job), { one: "done", two: "done" });
    assert.deepEqual(job, await first.client.over(id));
    assert.deepEqual((await elsewhere.jobs()).jobs, [job]);
    assert.equal((await elsewhere.logs(id, "two")).stdout, "two\n");
    await Deno.remove(`${first.folder}/go`);
    const cancelled = await first.client.schedule("shared");
    await elsewhere.until(cancelled, ({ tasks }) => tasks[0]?.status === "running");
    assert.equal((await elsewhere.cancel(cancelled)).text, "true");
    const over = await elsewhere.over(cancelled);
    assert.deepEqual(statuses(over), { one: "canceled", two: "skipped" });
    assert.deepEqual(await first.client.job(cancelled), over);
  },
});
