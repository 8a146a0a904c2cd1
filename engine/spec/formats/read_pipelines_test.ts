import assert from "node:assert/strict";
import { compile } from "../../compiler/mod.ts";
import { formatDiagnostic } from "../format_diagnostic.ts";
import { readPipelines as readLazily } from "./mod.ts";
import type { PipelinesReading } from "./pipelines_reading.ts";
import { readPipelines } from "./read_pipelines.ts";

for (const name of ["shop.yml", "content.yaml"]) {
  Deno.test(`readPipelines() reads ${name}`, async (t) => {
    const text = await Deno.readTextFile(new URL(`./testdata/${name}`, import.meta.url));
    const { pipelines, problems, warnings } = await readLazily([{ file: name, text }], compile);
    assert.deepEqual(problems, []);
    await t.assertSnapshot({
      warnings: warnings.map(formatDiagnostic),
      pipelines: pipelines.map(({ name, file, spec, dag }) => ({
        name,
        file,
        spec,
        order: dag.nodes.map(({ id }) => id),
      })),
    });
  });
}

/** A pipeline `x` with one task and these lines. */
function withKeys(...lines: readonly string[]): string {
  return ["pipelines:", "  x:", ...lines.map((line) => `    ${line}`), TASKS].join("\n");
}

const TASKS = "    tasks: { a: { script: [ls] } }\n";

/** Every load error of prunner, in its words: what is in the file, where it is told, and the text. */
const ERRORS: readonly (readonly [what: string, text: string, at: string, message: string])[] = [
  [
    "a dependency that is no task",
    "pipelines:\n  x:\n    tasks:\n      z:\n        depends_on: [y]\n        script: [ls]\n",
    "5:22",
    'missing task "y" referenced in depends_on of task "z"',
  ],
  [
    "partitioned_replace without its limit",
    withKeys("queue_strategy: partitioned_replace"),
    "3:21",
    "queue_partition_limit must be defined and >=1 if queue_strategy=partitioned_replace",
  ],
  [
    "partitioned_replace with a limit of 0",
    withKeys("queue_strategy: partitioned_replace", "queue_partition_limit: 0"),
    "4:28",
    "queue_partition_limit must be defined and >=1 if queue_strategy=partitioned_replace",
  ],
  [
    "partitioned_replace with a negative limit",
    withKeys("queue_strategy: partitioned_replace", "queue_partition_limit: -1"),
    "4:28",
    "queue_partition_limit must be defined and >=1 if queue_strategy=partitioned_replace",
  ],
  [
    "partitioned_replace with queue_limit",
    withKeys(
      "queue_strategy: partitioned_replace",
      "queue_partition_limit: 1",
      "queue_limit: 1",
    ),
    "5:5",
    "queue_limit is not allowed if queue_strategy=partitioned_replace, use queue_partition_limit instead",
  ],
  [
    "replace with queue_partition_limit",
    withKeys("queue_strategy: replace", "queue_partition_limit: 1"),
    "4:5",
    "queue_partition_limit is not allowed if queue_strategy=append|replace, use queue_limit instead",
  ],
  [
    "queue_partition_limit without a strategy",
    withKeys("queue_partition_limit: 1"),
    "3:5",
    "queue_partition_limit is not allowed if queue_strategy=append|replace, use queue_limit instead",
  ],
  [
    "a negative concurrency",
    withKeys("concurrency: -1"),
    "3:18",
    "concurrency must be greater than 0",
  ],
  [
    "a negative queue_limit",
    withKeys("queue_limit: -1"),
    "3:18",
    "queue_limit must not be negative",
  ],
  [
    "a negative start_delay",
    withKeys("start_delay: -10s"),
    "3:18",
    "start_delay must not be negative",
  ],
  [
    "a start_delay without a queue",
    withKeys("queue_limit: 0", "start_delay: 10s"),
    "4:18",
    "start_delay needs queue_limit > 0",
  ],
  [
    "a strategy that is none",
    withKeys("queue_strategy: swap"),
    "3:21",
    'unknown queue strategy: "swap"',
  ],
  [
    "a cycle",
    "pipelines:\n  x:\n    tasks:\n      a: { depends_on: [b] }\n      b: { depends_on: [a] }\n",
    "4:25",
    "Cannot order nodes as edges form a loop: a -> b -> a",
  ],
  [
    "a task that waits for itself",
    "pipelines:\n  x:\n    tasks:\n      a: { depends_on: [a] }\n",
    "4:25",
    'Cannot run "a" after itself as a node waits for what it depends on: a -> a',
  ],
  [
    "a task on_error beside the section",
    "pipelines:\n  x:\n    on_error: { script: [ls] }\n    tasks: { on_error: { script: [ls] } }\n",
    "4:14",
    'Cannot read task "on_error" as names are unique: the section on_error is shown as a task of that name',
  ],
  [
    "a pipeline without tasks",
    "pipelines:\n  x: { concurrency: 1 }\n",
    "2:3",
    'Cannot run pipeline "x" as it has tasks: there is none',
  ],
  [
    "a duration without a unit",
    withKeys("start_delay: 10"),
    "3:18",
    'Cannot read "pipelines.x.start_delay" as a duration is numbers with units (ms, s, m, h): "10"',
  ],
  [
    "a timeout of 0",
    "pipelines:\n  x:\n    tasks:\n      a: { timeout: 0s }\n",
    "4:21",
    'Cannot read "pipelines.x.tasks.a.timeout" as it must be more than 0: "0s"',
  ],
  [
    "a schedule that is none",
    withKeys('schedule: "61 * * * *"'),
    "3:15",
    'Cannot read "pipelines.x.schedule" as the minute must lie between 0 and 59: "61" is not a value from 0 to 59',
  ],
  [
    "a schedule without cron",
    withKeys("schedule: { timezone: UTC }"),
    "3:5",
    'Cannot read "pipelines.x.schedule" as a schedule has a cron expression: the key is missing',
  ],
  [
    "a zone that is none",
    withKeys('schedule: { cron: "@daily", timezone: Berlin }'),
    "3:43",
    'Cannot read "pipelines.x.schedule.timezone" as it must be an IANA time zone: no zone is called "Berlin"',
  ],
  [
    "an empty task name",
    'pipelines:\n  x:\n    tasks: { "": { script: [ls] } }\n',
    "3:14",
    'Cannot read "pipelines.x.tasks." as the name of a task is one line of at most 200 characters: it is empty',
  ],
  [
    "a name with a control character",
    'pipelines:\n  "a\\nb":\n    tasks: { a: { script: [ls] } }\n',
    "2:3",
    'Cannot read "pipelines.a\nb" as the name of a pipeline is one line of at most 200 characters: it has a control character',
  ],
  [
    "a script entry that is a map",
    "pipelines:\n  x:\n    tasks:\n      a:\n        script:\n          - echo a: b\n",
    "6:13",
    'Cannot read "pipelines.x.tasks.a.script[0]" as it must be text: it is a map',
  ],
  [
    "a list for a map",
    "pipelines: []\n",
    "1:12",
    'Cannot read "pipelines" as it must be a map: it is an empty list',
  ],
  [
    "text that is no map",
    "hello\n",
    "1:1",
    'Cannot read "pipelines.yml" as it is a map with the key pipelines: it is "hello"',
  ],
  [
    "a NUL byte",
    "pipelines:\n  \0x: {}\n",
    "2:3",
    'Cannot read "pipelines.yml" as YAML is plain text: it holds a NUL byte',
  ],
  [
    "a key twice",
    "pipelines:\n  x:\n    tasks: { a: { script: [] } }\n  x: {}\n",
    "4:3",
    'Cannot read "x" as a key stands once in a map: it is at 2:3 and again at 4:3',
  ],
];

for (const [what, text, at, message] of ERRORS) {
  Deno.test(`readPipelines() refuses ${what}`, () => {
    const { pipelines, problems } = read(text);
    assert.deepEqual(problems.map((one) => [`${one.line}:${one.column}`, one.message]), [
      [at, message],
    ]);
    assert.ok(problems.every(({ fix, file }) => fix.length > 0 && file === "pipelines.yml"));
    assert.deepEqual(pipelines.map(({ name }) => name), what === "a key twice" ? ["x"] : []);
  });
}

Deno.test("readPipelines() names the file that declared a pipeline first", () => {
  const { pipelines, problems } = readPipelines([
    { file: "a/pipelines.yml", text: withKeys("concurrency: 2") },
    { file: "b/pipelines.yml", text: `# another\n${withKeys("concurrency: 3")}` },
  ], compile);
  assert.deepEqual(problems.map(formatDiagnostic), [
    'b/pipelines.yml:3:3 SPEC_CONFLICT pipeline "x" was already declared in a/pipelines.yml\n' +
    "  Fix: Rename or remove one of the two",
  ]);
  assert.deepEqual(pipelines.map(({ file, spec }) => [file, spec.config.queue.concurrency]), [
    ["a/pipelines.yml", 2],
  ]);
});

Deno.test("readPipelines() reports everything that is wrong in all files at once", () => {
  const { problems, pipelines } = readPipelines([
    { file: "a.yml", text: withKeys("concurrency: -1", "queue_limit: -1", "start_delay: 1d") },
    { file: "b.yml", text: "pipelines:\n  good:\n" + TASKS + "  bad:\n    queue_strategy: no\n" },
    { file: "c.yml", text: "a: [" },
  ], compile);
  assert.deepEqual(problems.map(({ file, line }) => `${file}:${line}`), [
    "a.yml:3",
    "a.yml:4",
    "a.yml:5",
    "b.yml:4",
    "b.yml:5",
    "c.yml:1",
  ]);
  assert.deepEqual(pipelines.map(({ name }) => name), ["good"]);
});

/** What is odd, and does no harm. */
const WARNINGS: readonly (readonly [what: string, text: string, message: string])[] = [
  [
    "a mistyped key",
    withKeys("concurency: 2"),
    'Cannot read "pipelines.x.concurency" as there is no such key here: did you mean "concurrency"',
  ],
  [
    "a key of nobody",
    withKeys("colour: red"),
    'Cannot read "pipelines.x.colour" as there is no such key here: it is ignored',
  ],
  [
    "a mistyped key of a task",
    "pipelines:\n  x:\n    tasks:\n      a: { scripts: [ls] }\n",
    'Cannot read "pipelines.x.tasks.a.scripts" as there is no such key here: did you mean "script"',
  ],
  [
    "a mistyped key at the top",
    `pipeline: {}\n${withKeys("concurrency: 1")}`,
    'Cannot read "pipeline" as there is no such key here: it is ignored',
  ],
  [
    "a dependency twice",
    "pipelines:\n  x:\n    tasks:\n      a: {}\n      b: { depends_on: [a, a] }\n",
    'Cannot add "a" as each dependency is written once: it stands there',
  ],
  [
    "a negative retention",
    withKeys("retention_count: -1"),
    'Cannot read "retention_count" as a limit as it is more than 0: it has no effect',
  ],
];

for (const [what, text, message] of WARNINGS) {
  Deno.test(`readPipelines() warns of ${what}, and reads on`, () => {
    const { pipelines, problems, warnings } = read(text);
    assert.deepEqual(problems, []);
    assert.deepEqual(warnings.map((one) => one.message), [message]);
    assert.equal(pipelines.length, 1);
  });
}

Deno.test("readPipelines() gives every default that a pipeline leaves out", () => {
  const { spec } = read(withKeys("concurrency: 0")).pipelines[0] ?? assert.fail();
  assert.deepEqual(spec.config.queue, {
    concurrency: 1,
    limit: undefined,
    strategy: "append",
    partitionLimit: 1,
    key: undefined,
    interrupt: false,
    startDelayMs: 0,
  });
  assert.equal(spec.config.failFast, true);
  assert.equal(spec.config.retention.count, undefined);
  assert.deepEqual(JSON.parse(JSON.stringify(spec)).nodes[0].timeoutMs, 3_155_760_000_000);
});

Deno.test("readPipelines() takes empty files, a byte order mark and Windows line ends", () => {
  for (const text of ["", "# nothing\n", "pipelines:\n", "pipelines: {}\n"]) {
    assert.deepEqual(read(text), { pipelines: [], problems: [], warnings: [] });
  }
  const { pipelines, problems } = read(
    `\ufeff${withKeys("concurrency: 2")}`.replaceAll("\n", "\r\n"),
  );
  assert.deepEqual([pipelines.length, problems], [1, []]);
});

function read(text: string): PipelinesReading {
  return readPipelines([{ file: "pipelines.yml", text }], compile);
}
