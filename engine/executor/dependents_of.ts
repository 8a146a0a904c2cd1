import type { CompiledDag, CompiledNode } from "../compiler/mod.ts";

/** Whatever depends on a node, directly or not, in order of execution: positions in `graph.nodes`. */
export function dependentsOf({ nodes }: CompiledDag, node: CompiledNode): readonly number[] {
  const found = new Set(node.dependents);
  // A set goes on with what is added meanwhile.
  for (const index of found) {
    for (const further of (nodes[index] as CompiledNode).dependents) found.add(further);
  }
  return [...found].sort((a, b) => a - b);
}
