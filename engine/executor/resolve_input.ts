import type { CompiledDag, CompiledNode } from "../compiler/mod.ts";
import type { JsonValue } from "../json/mod.ts";

/**
 * What a node is called with: a root gets the run's input, a node with one dependency that node's
 * output, a node with several an object keyed by node id. A dependency that was allowed to fail
 * stands in with null. A script node has the run's input, wherever it stands.
 *
 * @param outputs By position in `graph.nodes`; filled for every dependency that succeeded.
 */
export function resolveInput(
  node: CompiledNode,
  graph: CompiledDag,
  outputs: readonly (JsonValue | undefined)[],
  runInput: JsonValue,
): JsonValue {
  const { dependencies } = node;
  const [first] = dependencies;
  if (first === undefined || node.spec.kind === "script") return runInput;
  if (dependencies.length === 1) return outputs[first] ?? null;
  const input: { [id: string]: JsonValue } = {};
  for (const index of dependencies) {
    input[(graph.nodes[index] as CompiledNode).id] = outputs[index] ?? null;
  }
  return input;
}
