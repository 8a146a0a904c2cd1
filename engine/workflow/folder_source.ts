import { SpecCache } from "../cache/mod.ts";
import { compile } from "../compiler/mod.ts";
import { type Diagnostic, parseWorkflow, type WorkflowSpec } from "../spec/mod.ts";
import { isBuiltFile, readWorkflowText, type WorkflowFile } from "./workflow_file.ts";
import { WorkflowInvalidError } from "./workflow_invalid_error.ts";
import type { WorkflowGraph, WorkflowSource } from "./workflow_source.ts";

/** Larger files are not even read. The parser's own limit is lower. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;

/** A folder with a `workflow.yaml`, or with what `pd build` made of one. */
export function folderSource(place: WorkflowFile, cacheDir: string | undefined): WorkflowSource {
  return { ...place, load: () => loadGraph(place.file, cacheDir) };
}

/** @throws {WorkflowInvalidError} */
async function loadGraph(file: string, cacheDir: string | undefined): Promise<WorkflowGraph> {
  const text = await readWorkflowText(file, MAX_FILE_BYTES);
  if (isBuiltFile(file)) return builtGraph(text, file);
  const cache = cacheDir === undefined ? undefined : new SpecCache(cacheDir);
  const known = await cache?.get(text);
  const { dag } = known === undefined ? { dag: undefined } : compile(known);
  if (known !== undefined && dag !== undefined) return { spec: known, dag, diagnostics: [] };
  const graph = await readGraph(text, file);
  if (graph.diagnostics.length === 0) await cache?.put(text, graph.spec);
  return graph;
}

/** What was checked when it was built needs neither the YAML nor the schema library again. */
function builtGraph(text: string, file: string): WorkflowGraph {
  const spec: WorkflowSpec = JSON.parse(text);
  const { dag, diagnostics } = compile(spec);
  if (dag === undefined) throw new WorkflowInvalidError(file, diagnostics);
  return { spec, dag, diagnostics };
}

async function readGraph(text: string, file: string): Promise<WorkflowGraph> {
  const parsed = await parseWorkflow(text, { file });
  // A draft is what could be read of a file with mistakes: the graph's problems are reported with them.
  const compiled = parsed.draft === undefined
    ? undefined
    : compile(parsed.draft, { file, locate: parsed.locate });
  const diagnostics = [...parsed.diagnostics, ...compiled?.diagnostics ?? []];
  if (parsed.spec === undefined || compiled?.dag === undefined) {
    throw new WorkflowInvalidError(file, diagnostics.toSorted(byPlace));
  }
  return { spec: parsed.spec, dag: compiled.dag, diagnostics };
}

function byPlace(a: Diagnostic, b: Diagnostic): number {
  return a.line - b.line || a.column - b.column;
}
