import type { CompileOptions, CompileResult } from "../../compiler/mod.ts";
import type { JsonObject } from "../../json/mod.ts";
import type { Diagnostic, SpecPath } from "../diagnostic.ts";
import type { Problem } from "../problem.ts";
import type { WorkflowSpec } from "../types.ts";
import { MapReader, type MapReading } from "./map_reader.ts";
import { type PipelinesFile, readPipelinesFile } from "./pipelines_file.ts";
import type { PipelinesReading, PipelinesText, ReadPipeline } from "./pipelines_reading.ts";
import { readPipeline } from "./read_pipeline.ts";

/** That of engine/compiler, which stands on this folder and is handed in for that reason. */
export type Compile = (spec: WorkflowSpec, options: CompileOptions) => CompileResult;

/** As `mod.ts` has it, at once. */
export function readPipelines(
  files: readonly PipelinesText[],
  compile: Compile,
): PipelinesReading {
  const found: Found = { pipelines: new Map(), diagnostics: [] };
  for (const text of files) readFile(readPipelinesFile(text), compile, found);
  const { diagnostics } = found;
  return {
    pipelines: [...found.pipelines.values()]
      .flatMap(({ pipeline }) => pipeline ?? [])
      .sort((a, b) => a.name < b.name ? -1 : 1),
    problems: diagnostics.filter(({ severity }) => severity === "error"),
    warnings: diagnostics.filter(({ severity }) => severity === "warning"),
  };
}

interface Found {
  /** By name. A pipeline with an error takes its name all the same. */
  readonly pipelines: Map<
    string,
    { readonly file: string; readonly pipeline: ReadPipeline | undefined }
  >;
  readonly diagnostics: Diagnostic[];
}

function readFile(source: PipelinesFile, compile: Compile, found: Found): void {
  const problems: Problem[] = [];
  const reading: MapReading = { problems, source: source.source };
  const top = new MapReader(reading, [], source.value as JsonObject).onlyKnows(["pipelines"]);
  const pipelines = top.map("pipelines");
  const diagnostics = [...source.problems, ...problems.map(source.place)];
  const names = new Set(pipelines.keys());
  for (const name of source.keys(["pipelines"])) {
    if (!names.has(name)) continue;
    const read = readOne(name, { source, pipelines, reading, compile });
    const first = found.pipelines.get(name);
    if (first === undefined) {
      found.pipelines.set(name, { file: source.file, pipeline: read.pipeline });
    } else diagnostics.push(source.place(declaredTwice(name, first.file)));
    diagnostics.push(...read.diagnostics);
  }
  found.diagnostics.push(...inOrder(diagnostics));
}

interface Surroundings {
  readonly source: PipelinesFile;
  readonly pipelines: MapReader;
  readonly reading: MapReading;
  readonly compile: Compile;
}

function readOne(
  name: string,
  { source, pipelines, reading, compile }: Surroundings,
): { readonly pipeline: ReadPipeline | undefined; readonly diagnostics: readonly Diagnostic[] } {
  const { file } = source;
  reading.problems.length = 0;
  const tasks = ["pipelines", name, "tasks"];
  const spec = readPipeline(name, pipelines.map(name), source.keys(tasks));
  const compiled = compile(spec, { file, locate: (path) => source.locate(inFile(path, tasks)) });
  const diagnostics = inOrder([
    ...reading.problems.map(source.place),
    ...compiled.diagnostics.map((one) => ({ ...one, path: inFile(one.path, tasks) })),
  ]);
  const isBroken = diagnostics.some(({ severity }) => severity === "error");
  const { dag } = compiled;
  return {
    pipeline: isBroken || dag === undefined ? undefined : { name, file, spec, dag, diagnostics },
    diagnostics,
  };
}

/** The path of a task where the compiler has that of a node. */
function inFile(path: SpecPath, tasks: SpecPath): SpecPath {
  return path[0] === "nodes" ? [...tasks, ...path.slice(1)] : path;
}

function declaredTwice(name: string, file: string): Problem {
  return {
    code: "SPEC_CONFLICT",
    severity: "error",
    path: ["pipelines", name],
    at: "key",
    message: `pipeline ${JSON.stringify(name)} was already declared in ${file}`,
    fix: "Rename or remove one of the two",
  };
}

/** By place, each once: an alias shows the same mistake at every use. */
function inOrder(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const seen = new Set<string>();
  return diagnostics
    .filter(({ line, column, code, message }) => {
      const id = `${line}:${column} ${code} ${message}`;
      return !seen.has(id) && seen.add(id);
    })
    .sort((a, b) => a.line - b.line || a.column - b.column);
}
