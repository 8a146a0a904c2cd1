import assert from "node:assert/strict";
import { renderMermaidASCII } from "beautiful-mermaid";
import type { ContainerNodeSpec, NodeSpec, SubworkflowNodeSpec } from "../spec/mod.ts";
import { compile, sampleNode, sampleWorkflow, toMermaid } from "./mod.ts";

function containerNode(id: string): ContainerNodeSpec {
  const { description, timeoutMs, retry, allowFailure, onLost, config } = sampleNode(id);
  return {
    ...{ id, description, timeoutMs, retry, allowFailure, onLost, config },
    kind: "container",
    image: "docker.io/library/alpine:3",
    command: { kind: "shell", script: "true" },
    env: {},
    workdir: undefined,
    user: undefined,
    limits: { cpu: undefined, memoryBytes: undefined },
    mounts: [],
    driver: undefined,
    pull: "missing",
  };
}

function subworkflowNode(id: string): SubworkflowNodeSpec {
  const { description, timeoutMs, retry, allowFailure, onLost, config } = sampleNode(id);
  return {
    ...{ id, description, timeoutMs, retry, allowFailure, onLost, config },
    kind: "workflow",
    workflow: "./other",
  };
}

function diagram(nodes: readonly (string | NodeSpec)[], edges: string[], direction?: "LR"): string {
  const { dag } = compile(sampleWorkflow(nodes, edges));
  assert.ok(dag);
  return toMermaid(dag, direction === undefined ? {} : { direction });
}

Deno.test("toMermaid() groups stages, tells kinds of nodes apart, and marks allow_failure", async (t) => {
  await t.assertSnapshot(
    diagram(
      [
        "fetch-stories",
        containerNode("render"),
        sampleNode("notify", { allowFailure: true }),
        subworkflowNode("publish"),
      ],
      ["fetch-stories -> render", "fetch-stories -> notify", "render -> publish"],
    ),
  );
});

Deno.test("toMermaid() lays stages side by side on demand", () => {
  assert.match(diagram(["a"], [], "LR"), /^flowchart LR\n/);
});

Deno.test("toMermaid() keeps names apart, and away from Mermaid's own words", () => {
  const text = diagram(["a-b", "a_b", "end", "stage-1", "2nd"], []);
  for (const line of ['a_b["a-b"]', 'a_b_2["a_b"]', 'n_end["end"]', 'n_2nd["2nd"]']) {
    assert.ok(text.includes(`    ${line}\n`), `${line} in\n${text}`);
  }
  assert.ok(text.includes('    stage_1_2["stage-1"]\n'), text);
});

Deno.test("toMermaid() escapes labels", () => {
  assert.match(diagram(['a"]<b>#\n'], []), /\["a#quot;\]#60;b#62;#35;#10;"\]/);
});

Deno.test("toMermaid() does not depend on the order of the file", () => {
  assert.equal(
    diagram(["a", "b", "c"], ["a -> c", "b -> c"]),
    diagram(["c", "b", "a"], ["b -> c", "a -> c"]),
  );
});

Deno.test("toMermaid() gives text that a renderer draws", () => {
  const drawn = renderMermaidASCII(
    diagram(["fetch", containerNode("filter")], ["fetch -> filter"]),
  );
  for (const word of ["Stage 1", "Stage 2", "fetch", "filter"]) {
    assert.ok(drawn.includes(word), `${word} in\n${drawn}`);
  }
});
