import assert from "node:assert/strict";
import { compile } from "../compiler/mod.ts";
import { DEFAULT_CONFIG, type ScriptNodeSpec, type WorkflowSpec } from "../spec/mod.ts";
import { openWorkflow } from "./open_workflow.ts";
import { resultOfEvents } from "./result_of_events.ts";
import { nodeStates } from "./run_state.ts";
import type { Workflow } from "./workflow.ts";

Deno.test("every script of a run has the run's input, wherever it stands", async () => {
  await using opened = await open([
    script("first", ["echo {{ .who }} $PD_VAR_who"]),
    script("second", ["echo {{ .who }} again; pwd"], { dependsOn: ["first"] }),
  ]);
  const run = await opened.workflow.start({ who: "you" });
  const { status, outputs } = await run.result;
  assert.deepEqual({ status, outputs }, {
    status: "succeeded",
    outputs: { first: null, second: null },
  });
  const lines = (await run.eventsSoFar()).flatMap((event) =>
    event.kind === "log" ? [event.message] : []
  );
  assert.deepEqual(lines, ["you you", "you again", opened.dir]);
});

Deno.test("what follows a failed run knows the task, its error and what it wrote, and is part of the result", async () => {
  await using opened = await open([
    script("build", ["echo '{{ .__jobID }}' > /dev/null; seq 40000; echo bad >&2; exit 42"]),
    script("deploy", ["echo no"], { dependsOn: ["build"] }),
    script("docs", ["sleep 0.05; echo docs"]),
  ], {
    failFast: false,
    onError: script("on_error", [
      "echo {{ .failedTaskName }} {{ .failedTaskExitCode }} '{{ .failedTaskError }}' {{ .branch }}",
      'printf %s "$PD_VAR_failedTaskStdout" | tail -n 1; echo ${#PD_VAR_failedTaskStdout}',
      "echo $PD_VAR_failedTaskStderr; false",
    ]),
  });
  const run = await opened.workflow.start({ branch: "main" });
  const result = await run.result;
  assert.equal(result.status, "failed");
  assert.deepEqual(result.errors, {
    build: "STEP_FAILED: exit status 42",
    on_error: "STEP_FAILED: exit status 1",
  });
  const events = await run.eventsSoFar();
  const said = events.flatMap((event) =>
    event.kind === "log" && event.node === "on_error" ? [event.message] : []
  );
  assert.deepEqual(said, ["build 42 exit status 42 main", "40000", "65536", "bad"]);
  const states = nodeStates(run.dag, events);
  assert.deepEqual(
    Object.entries(states).map(([node, { status }]) => `${node} ${status}`),
    ["build failed", "docs succeeded", "deploy skipped", "on_error failed"],
  );
  assert.match(run.summary.error ?? "", /^STEP_FAILED: exit status 42/);
  const told = resultOfEvents(run.dag, events, run.summary);
  assert.deepEqual([told.errors, told.outputs], [result.errors, result.outputs]);
  assert.deepEqual(
    Object.keys(told.timing.nodeTimings).sort(),
    Object.keys(result.timing.nodeTimings).sort(),
  );
});

Deno.test("a script that takes too long is stopped, and what it said until then is kept", async () => {
  await using opened = await open([
    script("slow", ["trap 'echo bye; exit 1' INT; echo up; while :; do sleep 0.02; done"], {
      timeoutMs: 150,
    }),
  ]);
  const run = await opened.workflow.start({});
  const { status, errors } = await run.result;
  assert.equal(status, "failed");
  assert.match(errors["slow"] ?? "", /^NODE_TIMEOUT: /);
  const lines = (await run.eventsSoFar()).flatMap((event) =>
    event.kind === "log" ? [event.message] : []
  );
  assert.deepEqual(lines, ["up", "bye"]);
});

type Task = { readonly node: ScriptNodeSpec; readonly dependsOn: readonly string[] };

function script(
  id: string,
  entries: readonly string[],
  { dependsOn = [], timeoutMs = 60_000 }: {
    readonly dependsOn?: readonly string[];
    readonly timeoutMs?: number;
  } = {},
): Task {
  const retry = {
    maxAttempts: 1,
    initialIntervalMs: 1,
    backoff: 1,
    maxIntervalMs: 1,
    jitter: false,
  };
  const common = { description: undefined, timeoutMs, retry, allowFailure: false, config: {} };
  const node: ScriptNodeSpec = {
    kind: "script",
    id,
    ...common,
    onLost: "retry",
    script: entries,
    env: {},
  };
  return { node, dependsOn };
}

interface Opened extends AsyncDisposable {
  readonly dir: string;
  readonly workflow: Workflow;
}

async function open(
  tasks: readonly Task[],
  { failFast = true, onError }: { readonly failFast?: boolean; readonly onError?: Task } = {},
): Promise<Opened> {
  const dir = await Deno.realPath(await Deno.makeTempDir());
  const spec: WorkflowSpec = {
    name: "test",
    version: "1.0",
    description: undefined,
    triggers: [],
    inputs: {},
    services: {},
    nodes: tasks.map(({ node }) => node),
    edges: tasks.flatMap(({ node, dependsOn }) =>
      dependsOn.map((from) => ({ from, to: node.id, path: [] }))
    ),
    config: failFast ? DEFAULT_CONFIG : { ...DEFAULT_CONFIG, failFast },
    ...onError === undefined ? {} : { onError: onError.node },
  };
  const { dag } = compile(spec);
  assert.ok(dag);
  const graph = { spec, dag, diagnostics: [] };
  const env = { PATH: Deno.env.get("PATH") ?? "", PD_DATA_DIR: `${dir}/data` };
  const workflow = await openWorkflow({
    source: { dir, file: `${dir}/pipelines.yml`, load: () => Promise.resolve(graph) },
    scripts: { cwd: dir, env },
  });
  return {
    dir,
    workflow,
    async [Symbol.asyncDispose]() {
      await workflow[Symbol.asyncDispose]();
      await Deno.remove(dir, { recursive: true });
    },
  };
}
