/** prunner's API as its clients use it: `pd serve` as a process, everything seen over HTTP. */
import assert from "node:assert/strict";
import { type Answer, signHs256, statuses, task, untilTrue } from "./_prunner_client.ts";
import { waitFor } from "./_prunner_server.ts";
import { type CasePlace, type PrunnerCase, showPrunnerCases } from "./_prunner_case.ts";

const NOBODYS_ID = "00000000-0000-4000-8000-000000000000";

/** A refusal as prunner's clients read it. */
function assertRefused({ status, body }: Answer, want: number, error: string | RegExp): void {
  assert.equal(status, want);
  assert.deepEqual(Object.keys(body), ["error"]);
  if (typeof error === "string") assert.equal(body.error, error);
  else assert.match(body.error, error);
}

/** A 401 in plain text. */
function assertNoToken({ status, type, text }: Answer, want: string): void {
  assert.equal(status, 401);
  assert.match(type, /^text\/plain/);
  assert.equal(text.trim(), want);
}

async function showTokens({ client }: CasePlace): Promise<void> {
  const now = Math.floor(Date.now() / 1000);
  const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
  const good = { sub: "x", exp: now + 60 };
  const paths = ["/pipelines/", "/pipelines/jobs", `/job/detail?id=${NOBODYS_ID}`];
  for (const path of paths) assertNoToken(await client.send(path), "no token found");
  for (const path of ["/pipelines/schedule", `/job/cancel?id=${NOBODYS_ID}`]) {
    assertNoToken(await client.send(path, { method: "POST", body: "{}" }), "no token found");
  }
  const none = await signHs256(good, "any", { alg: "none" });
  const cases: readonly (readonly [string, string])[] = [
    ["not.a.token", "token is unauthorized"],
    [await client.token(good, "another secret of enough length"), "token is unauthorized"],
    [`${none.slice(0, none.lastIndexOf("."))}.`, "token is unauthorized"],
    [await client.token({ ...good, exp: now - 5 }), "token is expired"],
    [await client.token({ ...good, nbf: now + 30 }), "token nbf validation failed"],
    [await client.token({ ...good, iat: now + 30 }), "token iat validation failed"],
  ];
  for (const [token, text] of cases) {
    assertNoToken(await client.send("/pipelines/", bearer(token)), text);
    assertNoToken(await client.send("/pipelines/", { headers: { cookie: `jwt=${token}` } }), text);
  }
  const token = await client.token({ ...good, nbf: now - 5, iat: now - 5 });
  assert.equal((await client.send("/pipelines/", bearer(token))).status, 200);
  const byCookie = await client.send("/pipelines/", { headers: { cookie: `jwt=${token}` } });
  assert.equal(byCookie.status, 200);
  const forever = await client.token({ sub: "x" });
  assert.equal((await client.send("/pipelines/", bearer(forever))).status, 200);
}

const CASES: readonly PrunnerCase[] = [
  {
    does: "a token that does not count is told why, in plain text, by header and by cookie",
    show: showTokens,
  },
  {
    does: "a request to schedule that cannot be understood is 400, and says why",
    async show({ client }) {
      for (
        const body of ["", "{", "[]", '"x"', '{"pipeline":3}', '{"pipeline":"x","variables":[]}']
      ) {
        const answer = await client.call("/pipelines/schedule", { method: "POST", body });
        assertRefused(answer, 400, /^Error decoding JSON: /);
      }
      const unknown = 'Error scheduling pipeline: pipeline "no such" is not defined';
      assertRefused(await client.trySchedule("no such"), 400, unknown);
    },
  },
  {
    does: "a body is JSON, whatever its content type says, and its keys may be null",
    pipelines: { any_type: { tasks: { one: { script: ["true"] } } } },
    async show({ client }) {
      const body = '{"pipeline":"any_type","variables":null,"queuePartition":null,"more":1}';
      for (const type of ["application/x-www-form-urlencoded", "text/plain", "application/json"]) {
        const headers = { "content-type": type };
        const answer = await client.call("/pipelines/schedule", { method: "POST", body, headers });
        assert.equal(answer.status, 202, answer.text);
        assert.deepEqual(Object.keys(answer.body), ["jobId"]);
      }
    },
  },
  {
    does: "a job or a task that is not there is 404, and what is no id of one is 400",
    pipelines: { found: { tasks: { one: { script: ["true"] } }, on_error: { script: ["true"] } } },
    async show({ client }) {
      const asks = [
        ["GET", "/job/detail?", ""],
        ["GET", "/job/logs?", "&task=one"],
        ["POST", "/job/cancel?", ""],
      ] as const;
      for (const [method, path, more] of asks) {
        for (const id of ["", "id=", "id=12", "id=../../etc"]) {
          assertRefused(
            await client.call(`${path}${id}${more}`, { method }),
            400,
            "Invalid job id",
          );
        }
        const gone = await client.call(`${path}id=${NOBODYS_ID}${more}`, { method });
        assertRefused(gone, 404, "Job not found");
      }
      const { id } = await client.run("found");
      assertRefused(await client.call(`/job/logs?id=${id}`), 400, "Invalid task name");
      assertRefused(await client.call(`/job/logs?id=${id}&task=two`), 404, "Task not found");
      assertRefused(await client.call(`/job/logs?id=${id}&task=on_error`), 404, "Task not found");
      assert.deepEqual(await client.logs(id, "one"), { stdout: "", stderr: "" });
    },
  },
  {
    does: "GET /pipelines lists all by name, with and without a slash",
    async show({ client }) {
      const [bare, slashed] = [await client.call("/pipelines"), await client.call("/pipelines/")];
      assert.deepEqual(bare.body, slashed.body);
      const names = bare.body.pipelines.map(({ pipeline }: { pipeline: string }) => pipeline);
      assert.deepEqual(names, names.toSorted());
      assert.ok(names.includes("found"));
      assert.deepEqual((await client.jobs()).pipelines.map(({ pipeline }) => pipeline), names);
    },
  },
  {
    does: "both streams of a task are there byte by byte, while it runs and after",
    pipelines: {
      streams: {
        tasks: {
          first: {
            script: [
              "printf 'a\\r\\n\\nümlaut 🌍\\n'; printf 'half a line:' >&2",
              waitFor("streams-go"),
              "printf ' yet\\n\\n' >&2; printf 'end'",
            ],
          },
          later: { script: ["true"], depends_on: ["first"] },
        },
      },
    },
    async show({ client, server }) {
      const id = await client.schedule("streams");
      let seen = { stdout: "", stderr: "" };
      await untilTrue(
        async () =>
          (seen = await client.logs(id, "first")).stderr.length > 0 && seen.stdout.includes("🌍"),
        () => JSON.stringify(seen),
      );
      assert.deepEqual(seen, { stdout: "a\r\n\nümlaut 🌍\n", stderr: "half a line:" });
      assert.deepEqual(await client.logs(id, "later"), { stdout: "", stderr: "" });
      await server.touch("streams-go");
      await client.over(id);
      const whole = { stdout: "a\r\n\nümlaut 🌍\nend", stderr: "half a line: yet\n\n" };
      assert.deepEqual(await client.logs(id, "first"), whole);
    },
  },
  {
    does: "a log of many lines is whole",
    pipelines: { long: { tasks: { one: { script: ["seq 1 30000; seq 1 5 >&2"] } } } },
    async show({ client }) {
      const { id } = await client.run("long");
      const { stdout, stderr } = await client.logs(id, "one");
      const want = Array.from({ length: 30_000 }, (_, index) => `${index + 1}\n`).join("");
      assert.ok(stdout === want, `${stdout.length} characters in place of ${want.length}`);
      assert.equal(stderr, "1\n2\n3\n4\n5\n");
    },
  },
  {
    does: "times are RFC 3339 in UTC and whole seconds, in their order",
    pipelines: { times: { tasks: { one: { script: ["true"] } } } },
    async show({ client }) {
      const job = await client.run("times");
      const one = task(job, "one");
      const times = [job.created, job.start, one.start, one.end, job.end];
      for (const time of times) {
        assert.match(time ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
        assert.ok(Math.abs(Date.parse(time ?? "") - Date.now()) < 60_000);
      }
      assert.deepEqual(times, times.toSorted());
    },
  },
  {
    does: "the user of a job is the subject of the token that scheduled it, or nobody",
    pipelines: { user: { tasks: { one: { script: ["true"] } } } },
    async show({ client }) {
      const ann = await client.trySchedule("user", {}, { sub: "ann@example.org" });
      assert.equal((await client.over(ann.body.jobId)).user, "ann@example.org");
      const nobody = await client.trySchedule("user", {}, {});
      assert.equal((await client.over(nobody.body.jobId)).user, "");
    },
  },
  {
    does: "variables are shown as they were given, and are left out where there are none",
    pipelines: { variables: { tasks: { one: { script: ["true"] } } } },
    async show({ client }) {
      const variables = {
        text: 'a\n"b"',
        number: 1.5,
        flag: false,
        list: [null, {}],
        map: { a: "" },
      };
      assert.deepEqual((await client.run("variables", variables)).variables, variables);
      assert.equal("variables" in await client.run("variables"), false);
      assert.equal("variables" in await client.run("variables", {}), false);
    },
  },
  {
    does: "retention_count keeps the newest jobs that are over",
    pipelines: { counted: { retention_count: 2, tasks: { one: { script: ["true"] } } } },
    async show({ client }) {
      const ids: string[] = [];
      for (let n = 0; n < 4; n++) ids.unshift((await client.run("counted")).id);
      let left: readonly string[] = [];
      await untilTrue(async () => {
        const { jobs } = await client.jobs();
        left = jobs.filter(({ pipeline }) => pipeline === "counted").map(({ id }) => id);
        return left.length <= 2;
      }, () => left.join());
      assert.deepEqual(left, ids.slice(0, 2));
      assert.equal((await client.call(`/job/detail?id=${ids[3]}`)).status, 404);
    },
  },
  {
    does: "retention_period keeps a job that is over for so long",
    pipelines: { brief: { retention_period: "1s", tasks: { one: { script: ["true"] } } } },
    async show({ client }) {
      const { id } = await client.run("brief");
      await untilTrue(async () => (await client.call(`/job/detail?id=${id}`)).status === 404);
      const { jobs } = await client.jobs();
      await untilTrue(async () => !(await client.jobs()).jobs.some((job) => job.id === id));
      assert.ok(jobs.length > 0);
    },
  },
  {
    does: "the web page polls jobs, newest first, reads logs, cancels, and starts again",
    pipelines: {
      page: { queue_limit: 0, tasks: { one: { script: ["echo hello", waitFor("page-go")] } } },
    },
    async show({ client }) {
      const first = await client.schedule("page");
      const second = await client.schedule("any_type");
      await untilTrue(async () => (await client.logs(first, "one")).stdout === "hello\n");
      const { jobs, pipelines } = await client.jobs();
      const at = (id: string) => jobs.findIndex((job) => job.id === id);
      assert.ok(at(second) >= 0 && at(second) < at(first));
      assert.deepEqual(
        jobs.map(({ created }) => created),
        jobs.map(({ created }) => created).toSorted().reverse(),
      );
      const page = pipelines.find(({ pipeline }) => pipeline === "page");
      assert.deepEqual(page, { pipeline: "page", schedulable: false, running: true });
      const shown = jobs[at(first)];
      assert.deepEqual(shown, await client.job(first));
      assert.equal((await client.cancel(first)).status, 200);
      const over = await client.over(first);
      assert.deepEqual(statuses(over), { one: "canceled" });
      assert.deepEqual((await client.jobs()).jobs[at(first)], over);
      assert.equal((await client.jobs("?limit=1")).jobs.length, 1);
      const again = await client.schedule("page");
      await client.cancel(again);
      await client.over(again);
    },
  },
  {
    does: "a client in the manner of the PHP package finds each status and key that it requires",
    pipelines: {
      php: {
        tasks: {
          one: { script: ["echo {{ .a }}"] },
          two: { script: ["exit 2"], depends_on: ["one"] },
        },
      },
    },
    async show({ client }) {
      const exp = Math.floor(Date.now() / 1000) + 60;
      const authorization = `Bearer ${await client.token({ sub: "neos", exp })}`;
      const headers = { authorization, "content-type": "application/json" };
      const scheduled = await client.send("/pipelines/schedule", {
        method: "POST",
        headers,
        body: JSON.stringify({ pipeline: "php", variables: { a: "b" } }),
      });
      assert.equal(scheduled.status, 202);
      const { jobId } = scheduled.body;
      assert.equal(typeof jobId, "string");
      await client.over(jobId);
      const { status, body } = await client.send("/pipelines/jobs", { headers });
      assert.equal(status, 200);
      const job = body.jobs.find(({ id }: { id: string }) => id === jobId);
      for (const key of ["completed", "canceled", "errored"]) {
        assert.equal(typeof job[key], "boolean");
      }
      for (const key of ["id", "pipeline", "created", "start", "end", "user", "lastError"]) {
        assert.equal(typeof job[key], "string", key);
      }
      assert.ok(Array.isArray(job.tasks));
      for (const one of job.tasks) {
        assert.deepEqual(["name", "status"].map((key) => typeof one[key]), ["string", "string"]);
        assert.deepEqual(["skipped", "errored"].map((key) => typeof one[key]), [
          "boolean",
          "boolean",
        ]);
        assert.equal(typeof one.exitCode, "number");
      }
      const logs = await client.send(`/job/logs?id=${jobId}&task=one`, { headers });
      assert.deepEqual([logs.status, logs.body], [200, { stdout: "b\n", stderr: "" }]);
      const detail = await client.send(`/job/detail?id=${jobId}`, { headers });
      assert.deepEqual([detail.status, detail.body], [200, job]);
      const running = (await client.send("/pipelines/schedule", {
        method: "POST",
        headers,
        body: '{"pipeline":"page","variables":{}}',
      })).body.jobId;
      const cancel = await client.send(`/job/cancel?id=${running}`, { method: "POST", headers });
      assert.equal(cancel.status, 200);
      await client.over(running);
    },
  },
  {
    does: "pipelines, tasks and variables may have any name of one line",
    pipelines: {
      "Ship it: ümlaut/1 🚀": {
        tasks: {
          "build/app 'x'": { script: ["echo $TASK_NAME"] },
          "../up": { script: ['echo "{{ index . "a-b c" }}"'], depends_on: ["build/app 'x'"] },
          constructor: { script: ["exit 1"], allow_failure: true },
          "1": { script: ["true"] },
        },
      },
    },
    async show({ client }) {
      const job = await client.run("Ship it: ümlaut/1 🚀", { "a-b c": 1, __proto: 2 });
      assert.equal(job.errored, false, job.lastError);
      assert.deepEqual(job.tasks.map(({ name }) => name), [
        "1",
        "build/app 'x'",
        "constructor",
        "../up",
      ]);
      const [first, second] = ["build/app 'x'", "../up"].map(encodeURIComponent);
      assert.equal((await client.logs(job.id, first ?? "")).stdout, "build/app 'x'\n");
      assert.equal((await client.logs(job.id, second ?? "")).stdout, "1\n");
    },
  },
];

showPrunnerCases("prunner's API: what its clients ask, and what they get", CASES);
