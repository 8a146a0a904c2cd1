import assert from "node:assert/strict";
import { layoutGraph } from "./graph_layout.ts";

const OPTIONS = { nodeWidth: 100, nodeHeight: 40, layerGap: 50, rowGap: 10 };

function node(id: string, ...dependsOn: string[]) {
  return { id, dependsOn };
}

Deno.test("layoutGraph() places every node behind what it depends on", () => {
  const nodes = [
    node("d", "b", "c"),
    node("b", "a"),
    node("c", "a"),
    node("a"),
    node("e", "a", "d"),
  ];
  const { nodes: placed, width } = layoutGraph(nodes, OPTIONS);
  const layers = Object.fromEntries(placed.map(({ id, layer }) => [id, layer]));
  assert.deepEqual(layers, { a: 0, b: 1, c: 1, d: 2, e: 3 });
  assert.equal(width, 4 * 100 + 3 * 50);
});

Deno.test("layoutGraph() lets no two nodes of a layer touch", () => {
  const nodes = Array.from(
    { length: 40 },
    (_, index) =>
      index < 5
        ? node(`n${index}`)
        : node(`n${index}`, `n${(index * 7) % 5}`, `n${Math.floor(index / 2)}`),
  );
  const { nodes: placed, height } = layoutGraph(nodes, OPTIONS);
  assert.equal(placed.length, 40);
  for (const one of placed) {
    assert.ok(one.y >= 0 && one.y + 40 <= height + 0.1);
    for (const other of placed) {
      if (one === other || one.layer !== other.layer) continue;
      assert.ok(Math.abs(one.y - other.y) >= 49.9, `${one.id} and ${other.id}`);
    }
  }
});

Deno.test("layoutGraph() crosses no edges that need not cross", () => {
  const { nodes } = layoutGraph(
    [node("a"), node("b"), node("c"), node("x", "c"), node("y", "b"), node("z", "a")],
    OPTIONS,
  );
  const rows = Object.fromEntries(nodes.map(({ id, y }) => [id, y]));
  assert.deepEqual([rows["x"], rows["y"], rows["z"]], [rows["c"], rows["b"], rows["a"]]);
});

Deno.test("layoutGraph() is the same each time, and bears loops, strangers and nothing", () => {
  const nodes = [node("a"), node("b", "a", "stranger"), node("c", "d"), node("d", "c")];
  assert.deepEqual(layoutGraph(nodes, OPTIONS), layoutGraph(nodes, OPTIONS));
  assert.deepEqual(layoutGraph(nodes, OPTIONS).nodes.map(({ id }) => id), ["a", "b"]);
  assert.deepEqual(layoutGraph([], OPTIONS), { width: 0, height: 0, nodes: [], edges: [] });
});

Deno.test("layoutGraph() is quick with as many edges as there can be", () => {
  const roots = Array.from({ length: 200 }, (_, index) => node(`a${index}`));
  const all = roots.map(({ id }) => id);
  const ends = Array.from({ length: 200 }, (_, index) => node(`b${index}`, ...all));
  const before = performance.now();
  assert.equal(layoutGraph([...roots, ...ends], OPTIONS).edges.length, 40_000);
  assert.ok(performance.now() - before < 5000);
});
