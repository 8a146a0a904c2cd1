/** How a server with prunner's pipelines stops, as prunner's users know it: gracefully, and by force. */
import assert from "node:assert/strict";
import { stringify } from "yaml";
import { childrenOf, untilGone } from "./_processes.ts";
import { statuses, untilTrue } from "./_prunner_client.ts";
import { PrunnerServer, waitFor } from "./_prunner_server.ts";

/** One that waits to be let go on, and says that it was interrupted. */
const HELD = {
  pipelines: {
    held: {
      tasks: {
        one: { script: ["trap 'touch interrupted; exit 1' INT; touch begun; " + waitFor("go")] },
        two: { script: ["touch ended"], depends_on: ["one"] },
      },
      on_error: { script: ["touch on-error"] },
    },
    deaf: {
      tasks: {
        one: { script: ["trap '' INT; (sleep 300) & echo $! > deaf.pid; wait; sleep 300"] },
      },
    },
  },
};

function start(): Promise<PrunnerServer> {
  return PrunnerServer.start({ files: { "pipelines.yml": stringify(HELD) } });
}

Deno.test("SIGINT refuses new jobs with 503, cancels queued ones, and lets running ones end", async () => {
  await using server = await start();
  const { client, process } = server;
  const running = await client.schedule("held");
  const queued = await client.schedule("held");
  await untilTrue(() => server.has("begun"));
  process.signal("SIGINT");
  const waiting = await client.over(queued);
  assert.deepEqual([waiting.canceled, waiting.start], [true, undefined]);
  const refused = await client.trySchedule("deaf");
  assert.equal(refused.status, 503);
  assert.deepEqual(refused.body, { error: "Server is shutting down" });
  assert.equal((await client.pipeline("deaf"))?.schedulable, false);
  assert.deepEqual(statuses(await client.job(running)), { one: "running", two: "waiting" });
  await server.touch("go");
  assert.equal(await process.code(), 0);
  assert.equal(await server.has("ended"), true);
  assert.equal(await server.has("interrupted"), false);
  await server.start();
  const ended = await server.client.job(running);
  assert.deepEqual(statuses(ended), { one: "done", two: "done" });
  assert.equal((await server.client.job(queued)).canceled, true);
});

Deno.test("SIGTERM interrupts the process groups, and kills what is left two seconds later", async () => {
  await using server = await start();
  const { client, process } = server;
  await client.schedule("held");
  const deaf = await client.schedule("deaf");
  await client.until(deaf, () => server.has("deaf.pid"));
  await untilTrue(() => server.has("begun"));
  const children = await childrenOf(process.pid);
  assert.ok(children.length >= 2);
  const startedAt = performance.now();
  process.signal("SIGTERM");
  assert.equal(await process.code(), 0);
  const tookMs = performance.now() - startedAt;
  assert.ok(tookMs > 1_500 && tookMs < 10_000, `${tookMs} ms`);
  assert.equal(await server.has("interrupted"), true);
  assert.equal(await server.has("ended"), false);
  assert.equal(await server.has("on-error"), false);
  const pid = Number(await server.read("deaf.pid"));
  await untilGone([...children, pid], 1_000);
});

Deno.test("a second SIGINT is a SIGTERM", async () => {
  await using server = await start();
  const { client, process } = server;
  await client.schedule("held");
  await untilTrue(() => server.has("begun"));
  process.signal("SIGINT");
  await untilTrue(async () => (await client.trySchedule("held")).status === 503);
  process.signal("SIGINT");
  assert.equal(await process.code(), 0);
  assert.equal(await server.has("interrupted"), true);
});

Deno.test("jobs that a forced stop has interrupted go on at the next start", async () => {
  await using server = await start();
  const id = await server.client.schedule("held");
  await untilTrue(() => server.has("begun"));
  server.process.signal("SIGTERM");
  assert.equal(await server.process.code(), 0);
  await server.touch("go");
  await server.start();
  const job = await server.client.over(id);
  assert.deepEqual(statuses(job), { one: "done", two: "done" });
  assert.equal(job.errored, false);
});
