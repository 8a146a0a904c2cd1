import type { JsonValue } from "../json/mod.ts";
import { isMap } from "./json_map.ts";
import type { Diagnostic, Locate, Position } from "./diagnostic.ts";
import { checkRules } from "./file_rules.ts";
import { normalize } from "./normalize.ts";
import { describe, type Problem } from "./problem.ts";
import { readFile } from "./read_file.ts";
import type { WorkflowSpec } from "./types.ts";
import { readYamlDocument, type TextProblem, type YamlDocument } from "./yaml_document.ts";
import { type Places, placesIn } from "./yaml_places.ts";
import { toPlainValue } from "./yaml_value.ts";

/** What the text of a workflow.yaml says, and everything that is wrong with it. */
export interface ParsedWorkflow {
  /** Undefined when any diagnostic is an error. */
  readonly spec: WorkflowSpec | undefined;
  /**
   * The same when there is no error; otherwise what could be read, with defaults for the rest, or undefined
   * when no node could be. It may be compiled, so that problems of the graph are reported together with
   * those of the file; it must never be run.
   */
  readonly draft: WorkflowSpec | undefined;
  /** By position. */
  readonly diagnostics: readonly Diagnostic[];
  readonly locate: Locate;
}

/** How problems call the file. */
export interface ParseOptions {
  /** Default `workflow.yaml`. */
  readonly file?: string;
}

/**
 * Reads a workflow.yaml and reports every problem at once. Never throws for what `text` holds; the time it
 * takes is bounded by the size limit of 10 MiB.
 */
export function parseWorkflow(
  text: string,
  { file = "workflow.yaml" }: ParseOptions = {},
): ParsedWorkflow {
  const source = text.startsWith("\ufeff") ? text.slice(1) : text;
  const document = readYamlDocument(source);
  const positionAt = positions(document);
  const { root } = document;
  const plain = root === undefined ? undefined : toPlainValue(root, (offset) => {
    const { line, column } = positionAt(offset);
    return `${line}:${column}`;
  });
  const places = placesIn(root, { targets: plain?.targets ?? new Map(), positionAt });
  const textProblems = [...document.problems, ...plain?.problems ?? []];
  const found = new Findings(file, places, positionAt);
  for (const problem of textProblems) found.addText(problem);

  let draft: WorkflowSpec | undefined;
  if (document.isYaml && plain?.isComplete !== false) {
    const value = plain?.value ?? null;
    if (isMap(value)) {
      const reading = readFile(value, places.source);
      for (const problem of reading.problems) found.add(problem);
      for (const problem of checkRules(reading.file, value)) found.add(problem);
      draft = normalize(reading.file, value, places.keys(["nodes"]));
    } else found.add(notAWorkflow(value));
  }
  const diagnostics = found.sorted();
  const hasError = diagnostics.some(({ severity }) => severity === "error");
  return { spec: hasError ? undefined : draft, draft, diagnostics, locate: places.key };
}

/** Diagnostics as they come in, each once: an alias shows the same mistake at every use. */
class Findings {
  readonly #file: string;
  readonly #places: Places;
  readonly #positionAt: (offset: number) => Position;
  readonly #seen = new Set<string>();
  readonly #diagnostics: Diagnostic[] = [];

  constructor(file: string, places: Places, positionAt: (offset: number) => Position) {
    this.#file = file;
    this.#places = places;
    this.#positionAt = positionAt;
  }

  add({ path, at, ...problem }: Problem): void {
    const position = at === "key" ? this.#places.key(path) : this.#places.value(path);
    this.#keep({ ...problem, ...position, path, file: this.#file });
  }

  addText({ offset, ...problem }: TextProblem): void {
    this.#keep({ ...problem, ...this.#positionAt(offset), path: [], file: this.#file });
  }

  sorted(): readonly Diagnostic[] {
    return this.#diagnostics.sort((a, b) => a.line - b.line || a.column - b.column);
  }

  #keep(diagnostic: Diagnostic): void {
    const { line, column, code, message } = diagnostic;
    const id = `${line}:${column} ${code} ${message.slice(message.indexOf(" as "))}`;
    if (this.#seen.has(id)) return;
    this.#seen.add(id);
    this.#diagnostics.push(diagnostic);
  }
}

function positions({ lines }: YamlDocument): (offset: number) => Position {
  return (offset) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
}

function notAWorkflow(value: JsonValue): Problem {
  return {
    code: "SPEC_TYPE",
    severity: "error",
    path: [],
    at: "key",
    message: `Cannot read "workflow.yaml" as a workflow is a map with name, version and nodes: ` +
      `the file is ${describe(value)}`,
    fix: "Run pd init for a first workflow, or begin the file with: name: my-workflow",
  };
}
