/** What becomes of a job when a task fails: real scripts of a `pd serve`, seen over HTTP. */
import assert from "node:assert/strict";
import { statuses, task } from "./_prunner_client.ts";
import { waitFor } from "./_prunner_server.ts";
import { type PrunnerCase, showPrunnerCases } from "./_prunner_case.ts";

const CASES: readonly PrunnerCase[] = [
  {
    does: "a failed task stops the ones beside it, and the job is errored, not canceled",
    pipelines: {
      fail_fast: {
        tasks: {
          bad: { script: [waitFor("fail-fast-begun"), "exit 7"] },
          beside: {
            script: [
              "trap 'echo interrupted; exit 1' INT; touch fail-fast-begun; " + waitFor("never"),
            ],
          },
          after: { script: ["touch fail-fast-after"], depends_on: ["beside"] },
        },
      },
    },
    async show({ client, server }) {
      const job = await client.run("fail_fast");
      assert.deepEqual(statuses(job), { bad: "error", beside: "canceled", after: "skipped" });
      assert.equal(job.errored, true);
      assert.equal(job.canceled, false);
      assert.equal(job.completed, true);
      assert.equal(job.lastError, "exit status 7");
      assert.equal((await client.logs(job.id, "beside")).stdout, "interrupted\n");
      assert.equal(await server.has("fail-fast-after"), false);
    },
  },
  {
    does:
      "continue_running_tasks_after_failure lets the tasks beside it end, and what can still run begin",
    pipelines: {
      go_on: {
        continue_running_tasks_after_failure: true,
        tasks: {
          bad: { script: ["exit 7"] },
          needs_bad: { script: ["touch go-on-wrong"], depends_on: ["bad"] },
          needs_both: { script: ["touch go-on-wrong"], depends_on: ["needs_bad", "beside"] },
          beside: { script: [waitFor("go-on")] },
          after: { script: ["echo after"], depends_on: ["beside"] },
        },
      },
    },
    async show({ client, server }) {
      const id = await client.schedule("go_on");
      await client.until(id, (job) => task(job, "bad").status === "error");
      const running = await client.job(id);
      assert.equal(running.completed, false);
      assert.equal(task(running, "beside").status, "running");
      await server.touch("go-on");
      const job = await client.over(id);
      assert.deepEqual(statuses(job), {
        bad: "error",
        beside: "done",
        after: "done",
        needs_bad: "skipped",
        needs_both: "skipped",
      });
      assert.equal(job.errored, true);
      assert.equal(job.lastError, "exit status 7");
      assert.equal(await server.has("go-on-wrong"), false);
    },
  },
  {
    does: "what depends on a failed task is skipped, and what depends on that too",
    pipelines: {
      transitive: {
        tasks: {
          a: { script: ["false"] },
          b: { script: ["true"], depends_on: ["a"] },
          c: { depends_on: ["b"] },
          d: { script: ["true"], depends_on: ["c"] },
        },
      },
    },
    async show({ client }) {
      const job = await client.run("transitive");
      assert.deepEqual(statuses(job), { a: "error", b: "skipped", c: "skipped", d: "skipped" });
      for (const name of ["b", "c", "d"]) {
        const { skipped, errored, exitCode, start, end } = task(job, name);
        assert.deepEqual({ skipped, errored, exitCode, start, end }, {
          skipped: true,
          errored: false,
          exitCode: 0,
          start: undefined,
          end: undefined,
        });
      }
    },
  },
  {
    does: "allow_failure runs the entries that follow, and the tasks, and the job is well",
    pipelines: {
      allowed: {
        tasks: {
          bad: { script: ["exit 4", "echo still here"], allow_failure: true },
          after: { script: ["echo after"], depends_on: ["bad"] },
        },
        on_error: { script: ["touch allowed-on-error"] },
      },
    },
    async show({ client, server }) {
      const job = await client.run("allowed");
      assert.deepEqual(statuses(job), { bad: "done", after: "done" });
      assert.equal(job.errored, false);
      assert.equal(job.lastError, undefined);
      const { errored, exitCode } = task(job, "bad");
      assert.deepEqual({ errored, exitCode }, { errored: false, exitCode: 4 });
      assert.equal((await client.logs(job.id, "bad")).stdout, "still here\n");
      assert.equal(await server.has("allowed-on-error"), false);
    },
  },
  {
    does: "allow_failure forgives exit codes, not templates",
    pipelines: {
      unforgiven: {
        tasks: {
          bad: { script: ["echo {{ .gone }}"], allow_failure: true },
          after: { script: ["true"], depends_on: ["bad"] },
        },
      },
    },
    async show({ client }) {
      const job = await client.run("unforgiven");
      assert.equal(job.errored, true);
      assert.deepEqual(statuses(job), { bad: "error", after: "skipped" });
    },
  },
  {
    does: "on_error knows the failed task, its exit code, its error and what it wrote",
    pipelines: {
      on_error: {
        env: { WHERE: "pipeline", HOW: "pipeline" },
        tasks: {
          good: { script: ["echo not mine"] },
          bad: { script: ["echo out {{ .who }}; echo err >&2; exit 42"], depends_on: ["good"] },
          after: { script: ["true"], depends_on: ["bad"] },
        },
        on_error: {
          script: [
            "echo '{{ .failedTaskName }}|{{ .failedTaskExitCode }}|{{ .failedTaskError }}|{{ .who }}'",
            "echo '{{ .failedTaskStdout }}|{{ .failedTaskStderr }}'",
            "echo $WHERE $HOW $TASK_NAME",
          ],
          env: { HOW: "on_error" },
        },
      },
    },
    async show({ client }) {
      const job = await client.run("on_error", { who: "ann" });
      assert.deepEqual(job.tasks.map(({ name }) => name), ["good", "bad", "after", "on_error"]);
      assert.equal(task(job, "on_error").status, "done");
      assert.equal(job.errored, true);
      assert.equal(job.lastError, "exit status 42");
      const { stdout } = await client.logs(job.id, "on_error");
      assert.equal(
        stdout,
        "bad|42|exit status 42|ann\nout ann\n|err\n\npipeline on_error on_error\n",
      );
    },
  },
  {
    does: "what a task wrote is no template of on_error, and a variable of its environment too",
    pipelines: {
      on_error_raw: {
        tasks: { bad: { script: ["echo '{{ .secretly }}'; exit 1"] } },
        on_error: {
          script: ["cat <<'END'\n{{ .failedTaskStdout }}\nEND", 'echo "$PD_VAR_failedTaskStdout"'],
        },
      },
    },
    async show({ client }) {
      const job = await client.run("on_error_raw", { secretly: '{{ "{{ .gone }}" }}' });
      assert.equal(task(job, "on_error").status, "done", task(job, "on_error").error);
      const { stdout } = await client.logs(job.id, "on_error");
      assert.equal(stdout, "{{ .gone }}\n\n{{ .gone }}\n\n");
    },
  },
  {
    does: "on_error runs before the job is completed, and holds its place in the queue",
    pipelines: {
      on_error_holds: {
        tasks: { bad: { script: ["exit {{ .code }}"] } },
        on_error: { script: ["touch holds-begun; " + waitFor("holds-go")] },
      },
    },
    async show({ client, server }) {
      const first = await client.schedule("on_error_holds", { code: 1 });
      const second = await client.schedule("on_error_holds", { code: 0 });
      const during = await client.until(
        first,
        ({ tasks }) =>
          tasks.some(({ name, status }) => name === "on_error" && status === "running"),
      );
      assert.equal(during.completed, false);
      assert.equal((await client.job(second)).start, undefined);
      await server.touch("holds-go");
      assert.equal((await client.over(first)).errored, true);
      assert.equal((await client.over(second)).errored, false);
    },
  },
  {
    does: "an on_error that fails is an errored task, and the job's error stays the first",
    pipelines: {
      on_error_fails: {
        tasks: { bad: { script: ["exit 3"] } },
        on_error: { script: ["exit 9"] },
      },
    },
    async show({ client }) {
      const job = await client.run("on_error_fails");
      assert.deepEqual(statuses(job), { bad: "error", on_error: "error" });
      assert.equal(task(job, "on_error").exitCode, 9);
      assert.equal(job.lastError, "exit status 3");
    },
  },
  {
    does: "a failed task has its end, its exit code and its error; a successful one reports 0",
    pipelines: {
      ends: {
        tasks: {
          good: { script: ["true"] },
          bad: { script: ["exit 200"], depends_on: ["good"] },
        },
      },
    },
    async show({ client }) {
      const job = await client.run("ends");
      const good = task(job, "good");
      assert.deepEqual([good.exitCode, good.errored, good.error], [0, false, undefined]);
      assert.ok(good.start && good.end);
      const bad = task(job, "bad");
      assert.deepEqual([bad.exitCode, bad.errored, bad.error], [200, true, "exit status 200"]);
      assert.ok(bad.start && bad.end);
    },
  },
  {
    does: "a job that is cancelled while on_error runs is errored, as it was already",
    pipelines: {
      on_error_cancelled: {
        tasks: { bad: { script: ["exit 5"] } },
        on_error: { script: ["touch on-error-cancelled; " + waitFor("never")] },
      },
    },
    async show({ client, server }) {
      const id = await client.schedule("on_error_cancelled");
      await client.until(id, () => server.has("on-error-cancelled"));
      assert.equal((await client.cancel(id)).text, "true");
      const job = await client.over(id);
      assert.deepEqual(statuses(job), { bad: "error", on_error: "canceled" });
      assert.deepEqual([job.errored, job.canceled, job.lastError], [true, false, "exit status 5"]);
    },
  },
];

showPrunnerCases("prunner's pipelines: what becomes of a job when a task fails", CASES);
