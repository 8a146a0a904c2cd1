import { cronFlaw } from "../cron_expression.ts";
import { DEFAULT_CONFIG, FOREVER_MS } from "../normalize_config.ts";
import { quoted } from "../problem.ts";
import { timeZoneFlaw } from "../time_zone.ts";
import type {
  EdgeSpec,
  RetentionConfig,
  RetryPolicy,
  ScriptNodeSpec,
  TriggerSpec,
  WorkflowSpec,
} from "../types.ts";
import type { MapReader } from "./map_reader.ts";
import { readQueue } from "./read_queue.ts";

const PIPELINE_KEYS = [
  "concurrency",
  "queue_limit",
  "queue_strategy",
  "queue_partition_limit",
  "start_delay",
  "continue_running_tasks_after_failure",
  "retention_period",
  "retention_count",
  "env",
  "tasks",
  "on_error",
  "schedule",
];
const TASK_KEYS = ["script", "depends_on", "env", "allow_failure", "timeout"];
const ON_ERROR_KEYS = ["script", "env", "timeout"];

/** The node that follows a failed run. */
const ON_ERROR = "on_error";

const MAX_NAME = 200;

/** A task runs once: its script says what it tries again. */
const ONCE: RetryPolicy = {
  maxAttempts: 1,
  initialIntervalMs: 100,
  backoff: 2,
  maxIntervalMs: 30_000,
  jitter: true,
};

type Env = { readonly [name: string]: string };

/**
 * One pipeline as a workflow. With an error among the problems it is only a part: it may be compiled, for what is
 * wrong with its graph, and must never be run.
 */
export function readPipeline(
  name: string,
  pipeline: MapReader,
  taskNames: readonly string[],
): WorkflowSpec {
  pipeline.onlyKnows(PIPELINE_KEYS);
  checkName(pipeline, [], { name, noun: "pipeline" });
  const env = pipeline.env("env");
  const tasks = pipeline.map("tasks");
  const known = new Set(tasks.keys());
  // In the order of the file; an object would have numbers first.
  const ids = taskNames.filter((id) => known.has(id));
  if (ids.length === 0 && (!pipeline.has("tasks") || pipeline.isMap("tasks"))) {
    pipeline.say(pipeline.has("tasks") ? ["tasks"] : [], {
      code: "SPEC_MISSING_KEY",
      message: `Cannot run pipeline ${quoted(name)} as it has tasks: there is none`,
      fix: "tasks: { build: { script: [make] } }",
      at: "key",
    });
  }
  const nodes: ScriptNodeSpec[] = [];
  const edges: EdgeSpec[] = [];
  for (const id of ids) {
    checkName(tasks, [id], { name: id, noun: "task" });
    const task = tasks.map(id).onlyKnows(TASK_KEYS);
    nodes.push(readTask(id, task, env));
    edges.push(...readDependencies(id, task, known));
  }
  const onError = readOnError(pipeline, env, known);
  return {
    name,
    version: "1.0",
    description: undefined,
    triggers: [{ type: "manual", name: undefined }, ...readSchedule(pipeline)],
    inputs: {},
    services: {},
    nodes,
    edges,
    config: {
      ...DEFAULT_CONFIG,
      execution: "eager",
      cron: "engine",
      queue: readQueue(pipeline),
      retention: readRetention(pipeline),
      failFast: !pipeline.flag("continue_running_tasks_after_failure"),
    },
    ...onError === undefined ? {} : { onError },
  };
}

function checkName(
  reader: MapReader,
  path: readonly string[],
  { name, noun }: { readonly name: string; readonly noun: string },
): void {
  // deno-lint-ignore no-control-regex
  const isPlain = !/[\x00-\x1f\x7f-\x9f\u2028\u2029]/.test(name) && name.isWellFormed();
  if (name.trim() !== "" && isPlain && name.length <= MAX_NAME) return;
  reader.flaw(path, {
    code: "SPEC_NAME",
    rule: `the name of a ${noun} is one line of at most ${MAX_NAME} characters`,
    state: name.trim() === ""
      ? "it is empty"
      : isPlain
      ? `it has ${name.length}`
      : "it has a control character",
    fix: { say: `Rename the ${noun}` },
  }, "key");
}

function readTask(id: string, task: MapReader, env: Env): ScriptNodeSpec {
  return {
    kind: "script",
    id,
    description: undefined,
    timeoutMs: readTimeout(task),
    retry: ONCE,
    allowFailure: task.flag("allow_failure"),
    onLost: "retry",
    config: {},
    script: task.texts("script"),
    env: { ...env, TASK_NAME: id, ...task.env("env") },
  };
}

function readTimeout(task: MapReader): number {
  function refuse(): void {
    task.flaw(["timeout"], {
      code: "SPEC_DURATION",
      rule: "it must be more than 0",
      state: quoted(task.text("timeout") ?? ""),
      fix: { write: "10m" },
    });
  }
  const ms = task.duration("timeout", refuse);
  if (ms === 0) refuse();
  return ms === undefined || ms === 0 ? FOREVER_MS : ms;
}

function readDependencies(id: string, task: MapReader, known: ReadonlySet<string>): EdgeSpec[] {
  const edges: EdgeSpec[] = [];
  const seen = new Set<string>();
  for (const [index, from] of task.texts("depends_on").entries()) {
    if (!known.has(from)) {
      task.say(["depends_on", index], {
        code: "DAG_UNKNOWN_NODE",
        message: `missing task ${JSON.stringify(from)} referenced in depends_on of task ${
          JSON.stringify(id)
        }`,
        fix: `Add ${quoted(from)} under tasks, or remove it from depends_on of ${quoted(id)}`,
      });
    } else if (seen.has(from)) {
      task.say(["depends_on", index], {
        code: "DAG_DUPLICATE_EDGE",
        message: `Cannot add ${quoted(from)} as each dependency is written once: it stands there`,
        fix: `Remove the second ${quoted(from)} from depends_on of ${quoted(id)}`,
        severity: "warning",
      });
    } else {
      seen.add(from);
      edges.push({ from, to: id, path: ["nodes", id, "depends_on", index] });
    }
  }
  return edges;
}

function readOnError(
  pipeline: MapReader,
  env: Env,
  known: ReadonlySet<string>,
): ScriptNodeSpec | undefined {
  if (!pipeline.has(ON_ERROR)) return undefined;
  const task = readTask(ON_ERROR, pipeline.map(ON_ERROR).onlyKnows(ON_ERROR_KEYS), env);
  if (task.script.length === 0) return undefined;
  if (known.has(ON_ERROR)) {
    pipeline.say(["tasks", ON_ERROR], {
      code: "SPEC_CONFLICT",
      message: `Cannot read task "on_error" as names are unique: the section on_error is shown ` +
        "as a task of that name",
      fix: 'Rename the task "on_error", or remove the section on_error',
      at: "key",
    });
  }
  return task;
}

function readRetention(pipeline: MapReader): RetentionConfig {
  function ignore(key: string): void {
    pipeline.say([key], {
      code: "SPEC_VALUE",
      message: `Cannot read "${key}" as a limit as it is more than 0: it has no effect`,
      fix: `Remove ${key}, or give it a value above 0`,
      severity: "warning",
    });
  }
  const periodMs = pipeline.duration("retention_period", () => ignore("retention_period"));
  const count = pipeline.count("retention_count", () => ignore("retention_count"));
  return { periodMs: periodMs || FOREVER_MS, count: count || undefined };
}

function readSchedule(pipeline: MapReader): TriggerSpec[] {
  if (!pipeline.has("schedule")) return [];
  const isMap = pipeline.isMap("schedule");
  const below = isMap ? pipeline.map("schedule").onlyKnows(["cron", "timezone"]) : pipeline;
  const key = isMap ? "cron" : "schedule";
  if (!below.has(key)) {
    below.flaw([], {
      code: "SPEC_MISSING_KEY",
      rule: "a schedule has a cron expression",
      state: "the key is missing",
      fix: { say: 'Add to schedule: cron: "0 9 * * *"' },
    }, "key");
    return [];
  }
  const schedule = below.text(key)?.trim();
  const timezone = isMap ? below.text("timezone") : undefined;
  const flaw = schedule === undefined ? undefined : cronFlaw(schedule);
  if (flaw !== undefined) below.flaw([key], flaw);
  const zoneFlaw = timezone === undefined ? undefined : timeZoneFlaw(timezone);
  if (zoneFlaw !== undefined) below.flaw(["timezone"], zoneFlaw);
  return [{
    type: "cron",
    name: undefined,
    schedule: schedule ?? "",
    timezone: timezone ?? "UTC",
    overlap: "forbid",
    catchUp: "none",
    catchUpWindowMs: 24 * 3_600_000,
    jitterMs: 0,
  }];
}
