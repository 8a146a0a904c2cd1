import type { Diagnostic, EdgeSpec, Locate, WorkflowSpec } from "../spec/mod.ts";
import { assembleDag } from "./assemble_dag.ts";
import type { CompiledDag } from "./compiled_dag.ts";
import { type EdgeTable, tabulateEdges } from "./edge_table.ts";
import { findLoops } from "./find_loops.ts";
import { findStages } from "./find_stages.ts";
import { GraphProblems, isDependency } from "./graph_problems.ts";

/** Where the spec came from, for the places in diagnostics. */
export interface CompileOptions {
  /** As diagnostics name it; `workflow.yaml` when left out. */
  readonly file?: string;
  /** Line 1, column 1 for everything when left out. */
  readonly locate?: Locate;
}

/** `dag` is undefined exactly when a diagnostic is an error. */
export interface CompileResult {
  readonly dag: CompiledDag | undefined;
  /** In the order of the file. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Orders a workflow's nodes into stages by Kahn's algorithm, or says everything that keeps it from
 * doing so: unknown nodes, self-loops, edges written twice, and loops with their paths. An edge under
 * `edges` and the same one in `depends_on` are one edge. Linear in nodes and edges, iterative, and the
 * same whatever order the file is in: ties go by name. Never throws.
 */
export function compile(spec: WorkflowSpec, options: CompileOptions = {}): CompileResult {
  const { file = "workflow.yaml", locate = () => ({ line: 1, column: 1 }) } = options;
  const problems = new GraphProblems(spec, file, locate);
  const ids = spec.nodes.map((node) => node.id).sort();
  const rankOf = new Map<string, number>();
  for (let rank = 0; rank < ids.length; rank++) {
    const id = ids[rank] as string;
    if (rank > 0 && id === ids[rank - 1]) problems.duplicateNode(id);
    rankOf.set(id, rank);
  }
  const known = resolveEdges(spec.edges, rankOf, problems);
  const repeated = tabulateEdges(ids.length, known.sources, known.targets);
  const table = withoutRepeats(repeated, known.edges, problems);
  const staging = findStages(ids.length, table);
  if (staging.orderedCount < ids.length) {
    reportLoops(staging.open, ids, table, known.edges, problems);
  }
  for (const [index, { stage }] of (spec.config.stages ?? []).entries()) {
    if (problems.isEmpty && stage > staging.stageCount) {
      problems.unknownStage(index, stage, staging.stageCount);
    }
  }
  return {
    dag: problems.isEmpty ? assembleDag(spec, rankOf, table, staging) : undefined,
    diagnostics: problems.list,
  };
}

interface KnownEdges {
  /** Ranks of both ends. */
  readonly sources: Int32Array;
  readonly targets: Int32Array;
  readonly edges: readonly EdgeSpec[];
}

/** The edges whose ends exist and differ; the others become problems. */
function resolveEdges(
  edges: readonly EdgeSpec[],
  rankOf: ReadonlyMap<string, number>,
  problems: GraphProblems,
): KnownEdges {
  const sources = new Int32Array(edges.length);
  const targets = new Int32Array(edges.length);
  const known: EdgeSpec[] = [];
  for (const edge of edges) {
    const source = rankOf.get(edge.from);
    const target = rankOf.get(edge.to);
    if (source === undefined) problems.unknownNode(edge, "from");
    if (target === undefined && edge.to !== edge.from) problems.unknownNode(edge, "to");
    if (source === undefined || target === undefined) continue;
    if (source === target) {
      problems.selfLoop(edge);
      continue;
    }
    sources[known.length] = source;
    targets[known.length] = target;
    known.push(edge);
  }
  return {
    sources: sources.subarray(0, known.length),
    targets: targets.subarray(0, known.length),
    edges: known,
  };
}

/** One entry for each pair of nodes. A pair that is written twice in the same way is a problem. */
function withoutRepeats(
  table: EdgeTable,
  edges: readonly EdgeSpec[],
  problems: GraphProblems,
): EdgeTable {
  // Most graphs have none, and a look at each edge's origin would double the time of compiling.
  if (!hasRepeats(table)) return table;
  const nodeCount = table.offsets.length - 1;
  const offsets = new Int32Array(nodeCount + 1);
  const targets = new Int32Array(table.targets.length);
  const edgeOf = new Int32Array(table.targets.length);
  let end = 0;
  for (let node = 0; node < nodeCount; node++) {
    let firstDependency: EdgeSpec | undefined;
    let firstEdge: EdgeSpec | undefined;
    const rowEnd = table.offsets[node + 1] as number;
    for (let i = table.offsets[node] as number; i < rowEnd; i++) {
      const target = table.targets[i] as number;
      const edge = edges[table.edgeOf[i] as number] as EdgeSpec;
      if (end > (offsets[node] as number) && targets[end - 1] === target) {
        const first = isDependency(edge) ? firstDependency : firstEdge;
        if (first !== undefined) problems.duplicateEdge(edge, first);
      } else {
        firstDependency = firstEdge = undefined;
        targets[end] = target;
        edgeOf[end++] = table.edgeOf[i] as number;
      }
      if (isDependency(edge)) firstDependency ??= edge;
      else firstEdge ??= edge;
    }
    offsets[node + 1] = end;
  }
  return { offsets, targets: targets.subarray(0, end), edgeOf: edgeOf.subarray(0, end) };
}

function hasRepeats({ offsets, targets }: EdgeTable): boolean {
  for (let node = 0; node + 1 < offsets.length; node++) {
    const end = offsets[node + 1] as number;
    for (let i = (offsets[node] as number) + 1; i < end; i++) {
      if (targets[i] === targets[i - 1]) return true;
    }
  }
  return false;
}

function reportLoops(
  open: Int32Array,
  ids: readonly string[],
  table: EdgeTable,
  edges: readonly EdgeSpec[],
  problems: GraphProblems,
): void {
  const members: number[] = [];
  for (let node = 0; node < open.length; node++) if (open[node] !== 0) members.push(node);
  const { loops, isComplete } = findLoops(members, table);
  let closing: EdgeSpec | undefined;
  for (const loop of loops) {
    closing = edges[table.edgeOf[loop.closingEntry] as number] as EdgeSpec;
    problems.cycle(loop.nodes.map((node) => ids[node] as string), closing);
  }
  if (!isComplete && closing !== undefined) problems.moreCycles(closing);
}
