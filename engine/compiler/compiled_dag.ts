import type { NodeSpec, WorkflowSpec } from "../spec/mod.ts";

/** One node with its place in the graph. */
export interface CompiledNode {
  readonly id: string;
  /** Position in `CompiledDag.nodes`. */
  readonly index: number;
  /** Its depth: 0 for a root, else one more than its deepest dependency. */
  readonly stage: number;
  readonly spec: NodeSpec;
  /** Indexes into `CompiledDag.nodes`, ascending by node id. */
  readonly dependencies: readonly number[];
  /** Indexes into `CompiledDag.nodes`, ascending by node id. */
  readonly dependents: readonly number[];
}

/** A workflow whose order is known: what an executor runs. Immutable, and plain JSON throughout. */
export interface CompiledDag {
  readonly spec: WorkflowSpec;
  /** In execution order: by stage, within a stage by id. */
  readonly nodes: readonly CompiledNode[];
  /** Indexes into `nodes`: `stages[0]` holds the roots. */
  readonly stages: readonly (readonly number[])[];
  /** Nodes that nothing depends on: their outputs are the workflow's result. */
  readonly sinks: readonly number[];
  /** What follows a failed run: no part of the graph, and its `index` is that behind the last node's. */
  readonly onError?: CompiledNode;
}

/** The nodes in execution order, and the one that follows a failed run behind them: each at its `index`. */
export function everyNode({ nodes, onError }: CompiledDag): readonly CompiledNode[] {
  return onError === undefined ? nodes : [...nodes, onError];
}
