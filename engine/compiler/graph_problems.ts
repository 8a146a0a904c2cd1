import type { ErrorCode } from "../errors/mod.ts";
import type { Diagnostic, EdgeSpec, Locate, SpecPath, WorkflowSpec } from "../spec/mod.ts";
import { didYouMean } from "../words/mod.ts";

/** Names compared in search of what was meant, in one compilation. */
const MAX_COMPARISONS = 300_000;
/** Nodes of a loop that a message names before it leaves some out. */
const MAX_LOOP_NAMES = 60;

/** Collects what is wrong with a graph, each problem with its place and its fix. */
export class GraphProblems {
  readonly #spec: WorkflowSpec;
  readonly #file: string;
  readonly #locate: Locate;
  readonly #found: Diagnostic[] = [];
  readonly #meant = new Map<string, string | undefined>();
  #names: readonly string[] | undefined;

  constructor(spec: WorkflowSpec, file: string, locate: Locate) {
    this.#spec = spec;
    this.#file = file;
    this.#locate = locate;
  }

  get isEmpty(): boolean {
    return this.#found.length === 0;
  }

  /** In the order of the file. */
  get list(): readonly Diagnostic[] {
    return this.#found.sort((a, b) => a.line - b.line || a.column - b.column);
  }

  duplicateNode(id: string): void {
    this.#add(
      "YAML_DUPLICATE_KEY",
      ["nodes", id],
      `Cannot add node "${id}" as names are unique: there is another node "${id}"`,
      `Rename one of the nodes "${id}"`,
    );
  }

  unknownNode(edge: EdgeSpec, end: "from" | "to"): void {
    const id = edge[end];
    const meant = this.#closest(id);
    const isDependsOn = isDependency(edge);
    const path = isDependsOn ? edge.path : [...edge.path, end];
    const place = isDependsOn ? `depends_on of node "${edge.to}"` : formatPath(path);
    this.#add(
      "DAG_UNKNOWN_NODE",
      path,
      `Cannot connect "${edge.from}" to "${edge.to}" as both must be nodes: there is no node "${id}"` +
        (meant === undefined ? "" : `, did you mean "${meant}"?`),
      meant === undefined
        ? `Add "${id}" under nodes, or remove it from ${place}`
        : `Write "${meant}" in place of "${id}" in ${place}`,
    );
  }

  selfLoop(edge: EdgeSpec): void {
    this.#add(
      "DAG_SELF_LOOP",
      edge.path,
      `Cannot run "${edge.from}" after itself as a node waits for what it depends on: ` +
        `${edge.from} -> ${edge.to}`,
      `Remove ${formatEdge(edge)}`,
    );
  }

  duplicateEdge(edge: EdgeSpec, first: EdgeSpec): void {
    this.#add(
      "DAG_DUPLICATE_EDGE",
      edge.path,
      `Cannot add the edge ${edge.from} -> ${edge.to} as each is written once: ` +
        `it already stands at ${formatPath(first.path)}`,
      `Remove ${formatPath(edge.path)}`,
    );
  }

  /** `loop` does not repeat its first node at the end; `closing` leads from its last to its first. */
  cycle(loop: readonly string[], closing: EdgeSpec): void {
    this.#add(
      "DAG_CYCLE",
      closing.path,
      `Cannot order nodes as edges form a loop: ${formatLoop(loop)}`,
      `Remove ${formatEdge(closing)}`,
    );
  }

  /** After `cycle()`, when there are more of them than were looked for. */
  moreCycles(anyEdge: EdgeSpec): void {
    this.#add(
      "DAG_CYCLE",
      anyEdge.path,
      "Cannot order nodes as edges form a loop: more loops run through the nodes above than are listed",
      "Remove the edges named for the other loops, then validate again",
    );
  }

  /** `config.stages[index]` names a stage that the graph does not have. */
  unknownStage(index: number, stage: number, stageCount: number): void {
    this.#add(
      "SPEC_VALUE",
      ["config", "stages", index, "stage"],
      `Cannot read "config.stages[${index}].stage" as the workflow has ${stageCount} ` +
        `stage${stageCount === 1 ? "" : "s"}: it is the number ${stage}`,
      `stage: ${stageCount}`,
    );
  }

  #add(code: ErrorCode, path: SpecPath, message: string, fix: string): void {
    const { line, column } = this.#locate(path);
    this.#found.push({
      code,
      severity: "error",
      message,
      fix,
      file: this.#file,
      line,
      column,
      path,
    });
  }

  #closest(id: string): string | undefined {
    if (this.#meant.has(id)) return this.#meant.get(id);
    this.#names ??= this.#spec.nodes.map((node) => node.id);
    // A large file with its every edge wrong must not cost nodes × edges.
    if (this.#meant.size * this.#names.length > MAX_COMPARISONS) return undefined;
    const meant = didYouMean(id, this.#names);
    this.#meant.set(id, meant);
    return meant;
  }
}

/** Whether the edge was written as a `depends_on` rather than under `edges`. */
export function isDependency(edge: EdgeSpec): boolean {
  return edge.path[0] === "nodes";
}

function formatEdge(edge: EdgeSpec): string {
  return isDependency(edge)
    ? `"${edge.from}" from depends_on of node "${edge.to}"`
    : `the edge "${edge.from}" -> "${edge.to}" (${formatPath(edge.path)})`;
}

function formatLoop(loop: readonly string[]): string {
  const first = loop[0] as string;
  if (loop.length <= MAX_LOOP_NAMES) return [...loop, first].join(" -> ");
  const half = MAX_LOOP_NAMES / 2;
  const left = loop.length - 2 * half;
  return [...loop.slice(0, half), `(${left} more)`, ...loop.slice(-half), first].join(" -> ");
}

/** `["edges", 0, "to"]` → `edges[0].to`. */
function formatPath(path: SpecPath): string {
  return path.map((key, i) => typeof key === "number" ? `[${key}]` : i === 0 ? key : `.${key}`)
    .join("");
}
