/** WorkflowSpec → CompiledDag by Kahn's algorithm, its critical path, and its diagram. */
export type { CompiledDag, CompiledNode } from "./compiled_dag.ts";
