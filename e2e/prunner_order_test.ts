/** Order of tasks of a pipeline, and what scripts see: real scripts of a `pd serve`, seen over HTTP. */
import assert from "node:assert/strict";
import { statuses, task } from "./_prunner_client.ts";
import { waitFor } from "./_prunner_server.ts";
import { type PrunnerCase, showPrunnerCases } from "./_prunner_case.ts";

const CASES: readonly PrunnerCase[] = [
  {
    does: "a task runs after all that it depends on, and tasks that depend on nothing run at once",
    pipelines: {
      order: {
        tasks: {
          last: { script: ["echo last >> order.txt"], depends_on: ["left", "right"] },
          left: { script: ["touch left; " + waitFor("right"), "echo first >> order.txt"] },
          right: { script: ["touch right; " + waitFor("left"), "echo first >> order.txt"] },
        },
      },
    },
    async show({ client, server }) {
      const job = await client.run("order");
      assert.deepEqual(statuses(job), { left: "done", right: "done", last: "done" });
      assert.equal(await server.read("order.txt"), "first\nfirst\nlast\n");
    },
  },
  {
    does: "tasks are listed in topological order, then by name, whatever the file says",
    pipelines: {
      listed: {
        tasks: {
          z: { script: ["true"], depends_on: ["b", "a"] },
          y: { script: ["true"], depends_on: ["z"] },
          c: { script: ["true"], depends_on: ["a"] },
          b: { script: ["true"] },
          a: { script: ["true"] },
        },
      },
    },
    async show({ client }) {
      const { tasks } = await client.run("listed");
      assert.deepEqual(tasks.map(({ name }) => name), ["a", "b", "c", "z", "y"]);
      assert.deepEqual(tasks.map(({ dependsOn }) => dependsOn), [
        undefined,
        undefined,
        ["a"],
        ["b", "a"],
        ["z"],
      ]);
    },
  },
  {
    does:
      "a task without a script is a barrier: what depends on it waits for all that it waits for",
    pipelines: {
      barrier: {
        tasks: {
          one: { script: ["echo one >> barrier.txt"] },
          two: { script: ["echo one >> barrier.txt"] },
          barrier: { depends_on: ["one", "two"] },
          after: { script: ["echo after >> barrier.txt"], depends_on: ["barrier"] },
        },
      },
    },
    async show({ client, server }) {
      const job = await client.run("barrier");
      assert.equal(task(job, "barrier").status, "done");
      assert.equal(task(job, "barrier").exitCode, 0);
      assert.equal(await server.read("barrier.txt"), "one\none\nafter\n");
    },
  },
  {
    does:
      "variables: of the task over TASK_NAME over the pipeline over .env.local over .env over the process",
    pipelines: {
      env: {
        env: { BY_PIPELINE: "pipeline", BY_TASK: "pipeline", TASK_NAME: "pipeline" },
        tasks: {
          shown: {
            script: ["echo $BY_PROCESS $BY_DOTENV $BY_LOCAL $BY_PIPELINE $BY_TASK $TASK_NAME"],
            env: { BY_TASK: "task" },
          },
          named: { script: ["echo $TASK_NAME"], env: { TASK_NAME: "task" } },
        },
      },
    },
    async show({ client }) {
      const { id } = await client.run("env");
      const { stdout } = await client.logs(id, "shown");
      assert.equal(stdout, "process dotenv local pipeline task shown\n");
      assert.equal((await client.logs(id, "named")).stdout, "task\n");
    },
  },
  {
    does: "functions and variables of an entry are there in the next one, and its folder is not",
    pipelines: {
      entries: {
        tasks: {
          one: {
            script: [
              "greet() { echo hello $who; }; who=world; mkdir -p below; cd below",
              "greet; basename $PWD; exit 0; echo never",
              "greet",
            ],
          },
        },
      },
    },
    async show({ client, server }) {
      const { id } = await client.run("entries");
      const folder = server.folder.split("/").at(-1);
      const { stdout } = await client.logs(id, "one");
      assert.equal(stdout, `hello world\n${folder}\nhello world\n`);
    },
  },
  {
    does: "a failing command within an entry does not end it, and an unknown one is 127",
    pipelines: {
      bash: {
        tasks: { one: { script: ["false; echo on", "no-such-command-here"] } },
      },
    },
    async show({ client }) {
      const job = await client.run("bash");
      assert.equal((await client.logs(job.id, "one")).stdout, "on\n");
      assert.equal(task(job, "one").exitCode, 127);
      assert.equal(task(job, "one").error, "exit status 127");
    },
  },
  {
    does:
      "variables are put into scripts by templates, and text that is a template itself is rendered",
    pipelines: {
      templates: {
        tasks: {
          one: {
            script: [
              "echo '{{ .text }} {{ .count }} {{ .nested.list }} {{ default \"none\" .gone }}'",
              "echo '{{ .recursive }} {{ .__jobID }}'",
            ],
          },
        },
      },
    },
    async show({ client }) {
      const { id } = await client.run("templates", {
        text: "a $b",
        count: 3,
        nested: { list: [1, 2] },
        recursive: "<{{ .text }}>",
        gone: "",
      });
      const { stdout } = await client.logs(id, "one");
      assert.equal(stdout, `a $b 3 [1 2] none\n<a $b> ${id}\n`);
    },
  },
  {
    does: "a variable that is missing fails the task before anything of it runs",
    pipelines: {
      missing: { tasks: { one: { script: ["touch missing-ran", "echo {{ .nobody }}"] } } },
    },
    async show({ client, server }) {
      const job = await client.run("missing");
      assert.equal(job.errored, true);
      assert.match(task(job, "one").error ?? "", /nobody/);
      assert.equal(await server.has("missing-ran"), false);
    },
  },
];

showPrunnerCases("prunner's pipelines: order of tasks, and what scripts see", CASES, {
  files: {
    ".env": "BY_DOTENV=dotenv\nBY_LOCAL=dotenv\nBY_PIPELINE=dotenv\nBY_TASK=dotenv\n",
    ".env.local": "BY_LOCAL=local\nBY_PIPELINE=local\nBY_TASK=local\n",
  },
  env: {
    BY_PROCESS: "process",
    BY_DOTENV: "process",
    BY_LOCAL: "process",
    BY_PIPELINE: "process",
    BY_TASK: "process",
  },
});
