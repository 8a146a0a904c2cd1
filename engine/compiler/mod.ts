/** WorkflowSpec → CompiledDag by Kahn's algorithm, its critical path, and its diagram. */
export { compile, type CompileOptions, type CompileResult } from "./compile.ts";
export { type CompiledDag, type CompiledNode, everyNode } from "./compiled_dag.ts";
export { type CriticalPath, criticalPath } from "./critical_path.ts";
export {
  randomWorkflow,
  sampleNode,
  sampleWorkflow,
  seededRandom,
  shuffled,
} from "./sample_graphs.ts";
export { type MermaidOptions, toMermaid } from "./to_mermaid.ts";
