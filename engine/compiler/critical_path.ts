import type { CompiledDag, CompiledNode } from "./compiled_dag.ts";

/** The nodes that decide how long a run takes, in order, and how long that is. */
export interface CriticalPath {
  readonly nodes: readonly string[];
  readonly durationMs: number;
}

/**
 * What a run cannot be faster than. Eager: the chain of dependencies that takes longest. Staged: the
 * slowest node of each stage, as stages wait for each other. Ties go by name. A duration that is
 * negative or not a number counts as 0.
 */
export function criticalPath(
  dag: CompiledDag,
  durationMs: (node: CompiledNode) => number,
  mode: "staged" | "eager",
): CriticalPath {
  const durations = dag.nodes.map((node) => Math.max(0, durationMs(node)) || 0);
  return mode === "staged" ? slowestOfStages(dag, durations) : longestChain(dag, durations);
}

function slowestOfStages(dag: CompiledDag, durations: readonly number[]): CriticalPath {
  const nodes: string[] = [];
  let total = 0;
  for (const stage of dag.stages) {
    const slowest = firstLargest(stage, durations);
    if (slowest === undefined) continue;
    nodes.push((dag.nodes[slowest] as CompiledNode).id);
    total += durations[slowest] as number;
  }
  return { nodes, durationMs: total };
}

function longestChain(dag: CompiledDag, durations: readonly number[]): CriticalPath {
  const finishedAt: number[] = [];
  const waitedFor: (number | undefined)[] = [];
  // `dag.nodes` is in order of execution: what a node depends on stands before it.
  for (const node of dag.nodes) {
    const slowest = firstLargest(node.dependencies, finishedAt);
    waitedFor.push(slowest);
    const startedAt = slowest === undefined ? 0 : finishedAt[slowest] as number;
    finishedAt.push(startedAt + (durations[node.index] as number));
  }
  const last = firstLargest(dag.sinks, finishedAt);
  if (last === undefined) return { nodes: [], durationMs: 0 };
  const nodes: string[] = [];
  for (let at: number | undefined = last; at !== undefined; at = waitedFor[at]) {
    nodes.push((dag.nodes[at] as CompiledNode).id);
  }
  return { nodes: nodes.reverse(), durationMs: finishedAt[last] as number };
}

function firstLargest(indexes: readonly number[], sizes: readonly number[]): number | undefined {
  let largest: number | undefined;
  for (const index of indexes) {
    if (largest === undefined || (sizes[index] as number) > (sizes[largest] as number)) {
      largest = index;
    }
  }
  return largest;
}
