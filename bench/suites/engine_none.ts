import { systemClock } from "../../engine/clock/mod.ts";
import {
  compile,
  type CompiledDag,
  randomWorkflow,
  sampleWorkflow,
  seededRandom,
} from "../../engine/compiler/mod.ts";
import {
  createExecutor,
  type ExecutionContext,
  type NodeRunner,
  type RunEventBody,
} from "../../engine/executor/mod.ts";
import type { JsonValue } from "../../engine/json/mod.ts";
import type { WorkflowSpec } from "../../engine/spec/mod.ts";
import { measure, type Row, scale, type Suite } from "../harness.ts";

/** What the executor itself costs, with nodes that do nothing inside the engine's process. */
export const suite: Suite = { name: "engine_none", measure: measureExecutor };

type Kind = "staged" | "eager";

async function measureExecutor(): Promise<readonly Row[]> {
  const shapes = [
    { what: "chain of 1 000", dag: chain(1_000), runs: 5 },
    { what: "stage of 10 000", dag: dagOf(sampleWorkflow(names(10_000), [])), runs: 1 },
    {
      what: "random graph, 10 000 nodes / 40 000 edges",
      dag: dagOf(randomWorkflow(10_000, 40_000, seededRandom(1))),
      runs: 1,
    },
  ];
  const rows: Row[] = [];
  for (const kind of ["staged", "eager"] as const) {
    for (const { what, dag, runs } of shapes) rows.push(await perNode(kind, what, dag, runs));
    rows.push(await threeNodeRun(kind));
  }
  return [...rows, await longChain()];
}

async function perNode(kind: Kind, what: string, dag: CompiledDag, runs: number): Promise<Row> {
  const perRun = 1_000 / dag.nodes.length;
  const engine = await measure(() => execute(kind, dag), { callsPerSample: runs, samples: 15 });
  const bare = await measure(() => bareAwaits(dag.nodes.length), {
    callsPerSample: runs,
    samples: 15,
  });
  const { median, p90 } = scale(engine, perRun);
  return {
    what: `${kind}: ${what}`,
    figure: median,
    p90,
    unit: "µs/node",
    baseline: { what: "bare await fn()", figure: scale(bare, perRun).median },
    target: { atMost: 20 },
  };
}

async function threeNodeRun(kind: Kind): Promise<Row> {
  const dag = chain(3);
  const options = { callsPerSample: 500, samples: 21, warmUps: 2_000 };
  const { median, p90 } = scale(await measure(() => execute(kind, dag), options), 1_000);
  const bare = scale(await measure(() => bareAwaits(3), options), 1_000);
  return {
    what: `${kind}: whole run of three nodes`,
    figure: median,
    p90,
    unit: "µs/run",
    baseline: { what: "bare await fn()", figure: bare.median },
    target: { atMost: 40 },
  };
}

async function longChain(): Promise<Row> {
  const time = async (length: number) => {
    const dag = chain(length);
    return (await measure(() => execute("staged", dag), { warmUps: 1, samples: 5 })).median;
  };
  const [short, long] = [await time(10_000), await time(100_000)];
  return {
    what: "staged: growth of a chain from 10 000 to 100 000",
    figure: long / short,
    unit: "×",
  };
}

const runner: NodeRunner = {
  async run(call) {
    call.onBegin();
    return { status: "succeeded", output: await work(call.input) };
  },
};

// deno-lint-ignore require-await
async function work(input: JsonValue): Promise<JsonValue> {
  return { had: input === null };
}

async function execute(kind: Kind, dag: CompiledDag): Promise<void> {
  const events: RunEventBody[] = [];
  const ctx: ExecutionContext = {
    run: { id: "bench", workflow: "bench", version: "1.0", trigger: { type: "manual" } },
    signal: new AbortController().signal,
    emit: (event) => void events.push(event),
    clock: systemClock,
    random: Math.random,
  };
  const { success } = await createExecutor(kind).execute(dag, runner, ctx, {});
  if (!success || events.length !== 2 + 2 * dag.nodes.length) throw new Error("The run went wrong");
}

async function bareAwaits(count: number): Promise<void> {
  let value: JsonValue = {};
  for (let i = 0; i < count; i++) value = await work(value);
}

function chain(length: number): CompiledDag {
  const ids = names(length);
  return dagOf(sampleWorkflow(ids, ids.slice(1).map((id, i) => `${ids[i]} -> ${id}`)));
}

function names(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `n${i}`);
}

function dagOf(spec: WorkflowSpec): CompiledDag {
  const { dag } = compile(spec);
  if (dag === undefined) throw new Error("The workflow of the benchmark does not compile");
  return dag;
}
