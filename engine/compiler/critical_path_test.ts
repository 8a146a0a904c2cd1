import assert from "node:assert/strict";
import { compile, type CompiledDag, criticalPath, sampleWorkflow } from "./mod.ts";

function dagOf(nodes: string[], edges: string[]): CompiledDag {
  const { dag } = compile(sampleWorkflow(nodes, edges));
  assert.ok(dag);
  return dag;
}

// a is quick and leads to the slow c; b is slow and leads to the quick d.
const CROSSED = dagOf(["a", "b", "c", "d"], ["a -> c", "b -> d"]);
const TIMES: { readonly [node: string]: number } = { a: 1, b: 10, c: 12, d: 2 };

Deno.test("criticalPath() of an eager run is the longest chain of dependencies", () => {
  assert.deepEqual(criticalPath(CROSSED, (node) => TIMES[node.id] ?? 0, "eager"), {
    nodes: ["a", "c"],
    durationMs: 13,
  });
});

Deno.test("criticalPath() of a staged run is the slowest node of each stage", () => {
  assert.deepEqual(criticalPath(CROSSED, (node) => TIMES[node.id] ?? 0, "staged"), {
    nodes: ["b", "c"],
    durationMs: 22,
  });
});

Deno.test("criticalPath() breaks ties by name and takes odd durations as nothing", () => {
  const dag = dagOf(["b", "a", "c"], ["a -> c", "b -> c"]);
  for (const mode of ["staged", "eager"] as const) {
    assert.deepEqual(criticalPath(dag, () => 5, mode), { nodes: ["a", "c"], durationMs: 10 });
    assert.equal(criticalPath(dag, () => NaN, mode).durationMs, 0);
    assert.equal(criticalPath(dag, () => -3, mode).durationMs, 0);
  }
});

Deno.test("criticalPath() of nothing is nothing", () => {
  assert.deepEqual(criticalPath(dagOf([], []), () => 1, "eager"), { nodes: [], durationMs: 0 });
  assert.deepEqual(criticalPath(dagOf([], []), () => 1, "staged"), { nodes: [], durationMs: 0 });
});

Deno.test("criticalPath() follows a chain of 100 000 nodes", () => {
  const names = Array.from({ length: 100_000 }, (_, i) => `n${i}`);
  const dag = dagOf(names, names.slice(1).map((name, i) => `${names[i]} -> ${name}`));
  assert.equal(criticalPath(dag, () => 1, "eager").durationMs, 100_000);
  assert.equal(criticalPath(dag, () => 1, "staged").nodes.length, 100_000);
});
