/** What a server with prunner's pipelines loads: what is refused by which words, reloads, and what prunner left behind. */
import assert from "node:assert/strict";
import { stringify } from "yaml";
import { statuses, untilTrue } from "./_prunner_client.ts";
import { PrunnerServer } from "./_prunner_server.ts";

const ONE = { one: { script: ["true"] } };

/** A `pipelines.yml` with one pipeline of these settings. */
function withSettings(settings: object): { readonly [file: string]: string } {
  return { "pipelines.yml": stringify({ pipelines: { x: { tasks: ONE, ...settings } } }) };
}

const MISTAKES: readonly {
  readonly error: string;
  readonly files: { readonly [file: string]: string };
}[] = [
  {
    error: 'pipeline "x" was already declared in ',
    files: {
      "a/pipelines.yml": stringify({ pipelines: { x: { tasks: ONE } } }),
      "b/pipelines.yaml": stringify({ pipelines: { x: { tasks: ONE } } }),
    },
  },
  {
    error: 'missing task "y" referenced in depends_on of task "z"',
    files: withSettings({ tasks: { z: { script: ["true"], depends_on: ["y"] } } }),
  },
  {
    error: "queue_partition_limit must be defined and >=1 if queue_strategy=partitioned_replace",
    files: withSettings({ queue_strategy: "partitioned_replace" }),
  },
  {
    error:
      "queue_limit is not allowed if queue_strategy=partitioned_replace, use queue_partition_limit instead",
    files: withSettings({
      queue_strategy: "partitioned_replace",
      queue_limit: 1,
      queue_partition_limit: 1,
    }),
  },
  {
    error:
      "queue_partition_limit is not allowed if queue_strategy=append|replace, use queue_limit instead",
    files: withSettings({ queue_strategy: "replace", queue_partition_limit: 1 }),
  },
  { error: "concurrency must be greater than 0", files: withSettings({ concurrency: -1 }) },
  { error: "queue_limit must not be negative", files: withSettings({ queue_limit: -1 }) },
  { error: "start_delay must not be negative", files: withSettings({ start_delay: "-1s" }) },
  {
    error: "start_delay needs queue_limit > 0",
    files: withSettings({ start_delay: "1s", queue_limit: 0 }),
  },
  { error: 'unknown queue strategy: "swap"', files: withSettings({ queue_strategy: "swap" }) },
  {
    error: "DAG_CYCLE",
    files: withSettings({
      tasks: {
        a: { script: ["true"], depends_on: ["b"] },
        b: { script: ["true"], depends_on: ["a"] },
      },
    }),
  },
];

for (const { error, files } of MISTAKES) {
  Deno.test(`a server does not start with: ${error}`, async () => {
    await using server = await PrunnerServer.prepare({ files });
    const process = server.launch();
    assert.equal(await process.code(), 1);
    assert.ok(process.stderr.includes(error), process.stderr);
    assert.equal(process.stdout, "");
  });
}

Deno.test("a reload takes what is new; with a mistake in it, what was there goes on", async () => {
  const pipelines = (more: object) =>
    stringify({ pipelines: { first: { tasks: { one: { script: ["echo first"] } } }, ...more } });
  await using server = await PrunnerServer.start({
    files: { "pipelines.yml": pipelines({}) },
    args: ["--no-watch"],
  });
  const { client, process } = server;
  await server.write({ "pipelines.yml": pipelines({ second: { tasks: ONE } }) });
  process.signal("SIGUSR1");
  await untilTrue(async () => await client.pipeline("second") !== undefined);
  assert.equal((await client.run("second")).errored, false);
  await server.write({ "pipelines.yml": pipelines({ second: { tasks: ONE, concurrency: -1 } }) });
  process.signal("SIGUSR1");
  await process.until(/concurrency must be greater than 0/);
  assert.equal((await client.run("second")).errored, false);
  assert.equal((await client.run("first")).errored, false);
  await server.write({ "pipelines.yml": pipelines({}) });
  process.signal("SIGUSR1");
  await untilTrue(async () => await client.pipeline("second") === undefined);
  const { jobs } = await client.jobs();
  assert.deepEqual(jobs.map(({ pipeline }) => pipeline), ["first"]);
  const refused = await client.trySchedule("second");
  assert.equal(refused.body.error, 'Error scheduling pipeline: pipeline "second" is not defined');
});

Deno.test("a server that watches takes an edit by itself", async () => {
  await using server = await PrunnerServer.start({ files: withSettings({}) });
  await server.write({
    "deep/er/pipelines.yaml": stringify({ pipelines: { late: { tasks: ONE } } }),
  });
  await untilTrue(async () => await server.client.pipeline("late") !== undefined);
  assert.equal((await server.client.run("late")).errored, false);
});

Deno.test("jobs and their logs are there after a restart", async () => {
  await using server = await PrunnerServer.start({
    files: withSettings({
      tasks: {
        one: { script: ["echo out; echo err >&2; exit 3"] },
        two: { script: ["true"], depends_on: ["one"] },
      },
    }),
  });
  const before = await server.client.run("x", { a: 1 });
  const logs = await server.client.logs(before.id, "one");
  server.process.signal("SIGINT");
  assert.equal(await server.process.code(), 0);
  await server.start();
  assert.deepEqual(await server.client.job(before.id), before);
  assert.deepEqual((await server.client.jobs()).jobs, [before]);
  assert.deepEqual(await server.client.logs(before.id, "one"), logs);
});

Deno.test("PRUNNER_* variables and prunner's flags set a server up", async () => {
  await using server = await PrunnerServer.start({
    files: {
      "flows/here/flow.yml": stringify({ pipelines: { mine: { tasks: ONE } } }),
      "flows/pipelines.yml": stringify({ pipelines: { other: { tasks: ONE } } }),
    },
    args: ["--verbose", "--disable-ansi"],
    env: { PRUNNER_PATH: "flows", PRUNNER_PATTERN: "**/flow.yml", PRUNNER_DATA: "kept" },
  });
  const { body } = await server.client.call("/pipelines/");
  assert.deepEqual(body.pipelines, [{ pipeline: "mine", schedulable: true, running: false }]);
  assert.equal(await server.has("kept/server.lock"), true);
});

const WELL = "52a5cb0f-9b2a-4b0b-9f1e-0a4fa2a0a001";
const BAD = "52a5cb0f-9b2a-4b0b-9f1e-0a4fa2a0a002";
const CUT_OFF = "52a5cb0f-9b2a-4b0b-9f1e-0a4fa2a0a003";

Deno.test("what prunner left behind in .prunner is there as jobs, with its logs", async () => {
  const task = { Script: ["true"], AllowFailure: false };
  const data = {
    Jobs: [
      {
        ID: WELL,
        Pipeline: "x",
        Completed: true,
        Created: "2023-05-01T10:00:00.25Z",
        Start: "2023-05-01T10:00:01.5Z",
        End: "2023-05-01T10:00:03Z",
        Variables: { a: "b" },
        User: "ann",
        Tasks: [{
          ...task,
          Name: "one",
          Status: "done",
          Start: "2023-05-01T10:00:01.5Z",
          End: "2023-05-01T10:00:03Z",
          ExitCode: -1,
        }],
      },
      {
        ID: BAD,
        Pipeline: "x",
        Completed: true,
        Created: "2023-05-01T11:00:00Z",
        Start: "2023-05-01T11:00:00Z",
        End: "2023-05-01T11:00:02Z",
        Tasks: [
          {
            ...task,
            Name: "one",
            Status: "error",
            Start: "2023-05-01T11:00:00Z",
            ExitCode: 42,
            Errored: true,
            Error: "exit status 42",
          },
          { ...task, Name: "two", DependsOn: ["one"], Status: "waiting" },
        ],
      },
      {
        ID: CUT_OFF,
        Pipeline: "x",
        Created: "2023-05-01T12:00:00Z",
        Tasks: [{ ...task, Name: "one", Status: "waiting" }],
      },
    ],
  };
  await using server = await PrunnerServer.start({
    files: {
      ...withSettings({}),
      ".prunner/data.json": JSON.stringify(data),
      [`.prunner/logs/${WELL}/one-stdout.log`]: "hello\nworld",
      [`.prunner/logs/${WELL}/one-stderr.log`]: "",
    },
  });
  const { client } = server;
  // By its id alone, before anybody has asked for a list.
  assert.equal((await client.job(BAD)).pipeline, "x");
  const { jobs } = await client.jobs();
  assert.deepEqual(jobs.map(({ id }) => id), [CUT_OFF, BAD, WELL]);
  const [cutOff, bad, well] = jobs;
  assert.deepEqual(well, {
    id: WELL,
    pipeline: "x",
    tasks: [{
      name: "one",
      status: "done",
      start: "2023-05-01T10:00:01Z",
      end: "2023-05-01T10:00:03Z",
      skipped: false,
      exitCode: 0,
      errored: false,
    }],
    completed: true,
    canceled: false,
    errored: false,
    created: "2023-05-01T10:00:00Z",
    start: "2023-05-01T10:00:01Z",
    end: "2023-05-01T10:00:03Z",
    variables: { a: "b" },
    user: "ann",
  });
  assert.deepEqual(await client.logs(WELL, "one"), { stdout: "hello\nworld", stderr: "" });
  assert.ok(bad && cutOff);
  assert.deepEqual(statuses(bad), { one: "error", two: "skipped" });
  assert.deepEqual([bad.errored, bad.lastError, bad.tasks[0]?.exitCode], [
    true,
    "exit status 42",
    42,
  ]);
  assert.deepEqual([cutOff.canceled, cutOff.completed], [true, true]);
  assert.deepEqual(await client.job(WELL), well);
  assert.equal((await client.cancel(CUT_OFF)).text, "true");
  const next = await client.run("x");
  assert.deepEqual((await client.jobs()).jobs[0], next);
});
