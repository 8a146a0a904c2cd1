import assert from "node:assert/strict";
import type { NodeSpec, StageConfig } from "../spec/mod.ts";
import { compile, sampleNode, sampleWorkflow } from "./mod.ts";

/** A node in a container; `image` is what its file names. */
function containerNode(id: string, image: string | undefined): NodeSpec {
  const { description, timeoutMs, retry, allowFailure, onLost, config } = sampleNode(id);
  return {
    ...{ id, description, timeoutMs, retry, allowFailure, onLost, config },
    kind: "container",
    image,
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

function compileWith(stages: readonly StageConfig[]) {
  const workflow = sampleWorkflow(
    [
      "root",
      sampleNode("own", { container: "own:1" }),
      sampleNode("plain"),
      containerNode("c-own", "own:2"),
      containerNode("c-plain", undefined),
    ],
    ["root -> own", "root -> plain", "root -> c-own", "root -> c-plain"],
  );
  return compile({ ...workflow, config: { ...workflow.config, stages } });
}

Deno.test("compile() gives nodes that name no image that of their stage", () => {
  const { dag } = compileWith([{ stage: 2, container: "stage:2" }]);
  const images = dag?.nodes.map(({ id, spec }) => [
    id,
    spec.kind === "code" ? spec.container : spec.kind === "container" ? spec.image : undefined,
  ]);
  assert.deepEqual(Object.fromEntries(images ?? []), {
    root: undefined,
    own: "own:1",
    plain: "stage:2",
    "c-own": "own:2",
    "c-plain": "stage:2",
  });
});

Deno.test("compile() reports a stage that the workflow does not have", () => {
  const { dag, diagnostics } = compileWith([
    { stage: 1, container: "a" },
    { stage: 3, container: "b" },
  ]);
  assert.equal(dag, undefined);
  assert.deepEqual(diagnostics.map(({ code, path }) => [code, path]), [
    ["SPEC_VALUE", ["config", "stages", 1, "stage"]],
  ]);
  assert.match(diagnostics[0]?.message ?? "", /the workflow has 2 stages: it is the number 3$/);
});
