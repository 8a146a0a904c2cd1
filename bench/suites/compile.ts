import { compile, randomWorkflow, seededRandom } from "../../engine/compiler/mod.ts";
import type { WorkflowSpec } from "../../engine/spec/mod.ts";
import { measure, type Row, type Suite } from "../harness.ts";

/** Parsed spec → stages, beside the least that any ordering of the same edges must do. */
export const suite: Suite = { name: "compile", measure: measureCompile };

async function measureCompile(): Promise<readonly Row[]> {
  const small = randomWorkflow(10_000, 40_000, seededRandom(1));
  const large = randomWorkflow(100_000, 400_000, seededRandom(2));
  const first = await measure(() => compile(small), { warmUps: 0, samples: 1 });
  const smallTime = await measure(() => compile(small), { samples: 15 });
  const smallBare = await measure(() => bareKahn(small), { samples: 15 });
  const largeTime = await measure(() => compile(large), { warmUps: 1, samples: 7 });
  const largeBare = await measure(() => bareKahn(large), { warmUps: 1, samples: 7 });
  const what = "bare topological loop";
  return [
    {
      what: "10 000 nodes / 40 000 edges, first in the process",
      figure: first.median,
      unit: "ms",
      target: { atMost: 50 },
    },
    {
      what: "10 000 nodes / 40 000 edges",
      figure: smallTime.median,
      p90: smallTime.p90,
      unit: "ms",
      baseline: { what, figure: smallBare.median },
      target: { atMost: 50 },
    },
    {
      what: "100 000 nodes / 400 000 edges",
      figure: largeTime.median,
      p90: largeTime.p90,
      unit: "ms",
      baseline: { what, figure: largeBare.median },
    },
    {
      what: "growth for ten times the graph",
      figure: largeTime.median / smallTime.median,
      unit: "×",
      baseline: { what, figure: largeBare.median / smallBare.median },
      target: { atMost: 12 },
    },
  ];
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
