import { compile, randomWorkflow, seededRandom } from "../../engine/compiler/mod.ts";
import type { WorkflowSpec } from "../../engine/spec/mod.ts";
import { measure, type Row, type Sample, type Suite, summarize } from "../harness.ts";

/** Parsed spec → stages, beside the least that any ordering of the same edges must do. */
export const suite: Suite = { name: "compile", measure: measureCompile };

const SMALL = [10_000, 40_000] as const;
const LARGE = [100_000, 400_000] as const;

async function measureCompile(): Promise<readonly Row[]> {
  const cold = { small: await measureCold(...SMALL), large: await measureCold(...LARGE) };
  const small = randomWorkflow(...SMALL, seededRandom(1));
  const large = randomWorkflow(...LARGE, seededRandom(1));
  const few = { warmUps: 2, samples: 9 };
  const many = { warmUps: 5, samples: 25 };
  const warm = {
    small: await measure(() => compile(small), many),
    large: await measure(() => compile(large), few),
  };
  const bare = {
    small: await measure(() => bareKahn(small), many),
    large: await measure(() => bareKahn(large), few),
  };
  const growth = (times: { small: Sample; large: Sample }) =>
    times.large.median / times.small.median;
  return [
    row("once in a process: 10 000 nodes / 40 000 edges", cold.small, { atMost: 50 }),
    row("once in a process: 100 000 nodes / 400 000 edges", cold.large),
    {
      what: "once in a process: growth for ten times the graph",
      figure: growth(cold),
      unit: "×",
      target: { atMost: 12 },
    },
    beside(row("again and again: 10 000 nodes / 40 000 edges", warm.small), bare.small.median),
    beside(row("again and again: 100 000 nodes / 400 000 edges", warm.large), bare.large.median),
    beside({
      what: "again and again: growth for ten times the graph",
      figure: growth(warm),
      unit: "×",
    }, growth(bare)),
  ];
}

/** The first compilation of a process, as `pd validate` and `pd run` have it, over fresh processes. */
async function measureCold(nodes: number, edges: number): Promise<Sample> {
  const entry = new URL("_compile_once.ts", import.meta.url).href;
  const times: number[] = [];
  for (let i = 0; i < 9; i++) {
    const { code, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--allow-all", entry, String(nodes), String(edges)],
      stderr: "inherit",
    }).output();
    if (code !== 0) throw new Error(`Compiling once ended with exit code ${code}`);
    times.push(Number(new TextDecoder().decode(stdout)));
  }
  return summarize(times);
}

function row(what: string, { median, p90 }: Sample, target?: Row["target"]): Row {
  return { what, figure: median, p90, unit: "ms", ...(target === undefined ? {} : { target }) };
}

function beside(row: Row, figure: number): Row {
  return { ...row, baseline: { what: "bare topological loop", figure } };
}

/** Depths by Kahn's algorithm on names alone: no checks, no order by name, no result to work with. */
function bareKahn(spec: WorkflowSpec): number {
  const open = new Map<string, number>();
  const dependents = new Map<string, string[]>();
  for (const { id } of spec.nodes) {
    open.set(id, 0);
    dependents.set(id, []);
  }
  for (const { from, to } of spec.edges) {
    open.set(to, (open.get(to) ?? 0) + 1);
    dependents.get(from)?.push(to);
  }
  let stage = [...open.keys()].filter((id) => open.get(id) === 0);
  let stages = 0;
  for (; stage.length > 0; stages++) {
    const next: string[] = [];
    for (const id of stage) {
      for (const dependent of dependents.get(id) ?? []) {
        const left = (open.get(dependent) ?? 0) - 1;
        open.set(dependent, left);
        if (left === 0) next.push(dependent);
      }
    }
    stage = next;
  }
  return stages;
}
