import type { JsonObject } from "../../json/mod.ts";
import type { Diagnostic, Locate, Position } from "../diagnostic.ts";
import { isMap } from "../json_map.ts";
import { describe, type Problem } from "../problem.ts";
import { readYamlDocument, type TextProblem, type YamlDocument } from "../yaml_document.ts";
import { placesIn } from "../yaml_places.ts";
import { toPlainValue } from "../yaml_value.ts";
import type { PipelinesText } from "./pipelines_reading.ts";

/** A `pipelines.yml` as YAML: what stands in it, and where. */
export interface PipelinesFile {
  readonly file: string;
  /** Empty when the file is not YAML, or no map. */
  readonly value: JsonObject;
  /** What is wrong with the text itself. */
  readonly problems: readonly Diagnostic[];
  /** A plain word or number as it was written. */
  source(path: readonly (string | number)[]): string | undefined;
  /** The keys of a map, in the order of the file. */
  keys(path: readonly (string | number)[]): readonly string[];
  readonly locate: Locate;
  /** A problem with its place in this file. */
  place(problem: Problem): Diagnostic;
}

/** The words with which the YAML reader names what it reads. */
const GENERIC = 'Cannot read "workflow.yaml" as ';

/** Reads `text` as YAML, in the bounds of workflow.yaml: size, depth, aliases. Never throws for what it holds. */
export function readPipelinesFile({ file, text }: PipelinesText): PipelinesFile {
  const document = readYamlDocument(text.startsWith("\ufeff") ? text.slice(1) : text);
  const positionAt = positions(document);
  const { root } = document;
  const plain = root === undefined ? undefined : toPlainValue(root, (offset) => {
    const { line, column } = positionAt(offset);
    return `${line}:${column}`;
  }, { asWritten: true });
  const places = placesIn(root, { targets: plain?.targets ?? new Map(), positionAt });
  const problems = [...document.problems, ...plain?.problems ?? []].map(
    ({ offset, ...problem }: TextProblem): Diagnostic => ({
      ...named(problem),
      ...positionAt(offset),
      path: [],
      file,
    }),
  );
  const isRead = document.isYaml && plain?.isComplete !== false;
  const value = isRead ? plain?.value ?? null : null;
  if (value !== null && !isMap(value)) {
    problems.push({
      code: "SPEC_TYPE",
      severity: "error",
      message: `Cannot read "pipelines.yml" as it is a map with the key pipelines: it is ` +
        describe(value),
      fix: "Begin the file with: pipelines:",
      ...positionAt(0),
      path: [],
      file,
    });
  }
  return {
    file,
    value: isMap(value) ? value : {},
    problems,
    source: places.source,
    keys: places.keys,
    locate: places.key,
    place: ({ at, ...problem }) => ({
      ...problem,
      ...(at === "key" ? places.key(problem.path) : places.value(problem.path)),
      file,
    }),
  };
}

function named<One extends { readonly message: string; readonly fix: string }>(problem: One): One {
  const { message, fix } = problem;
  return {
    ...problem,
    message: message.startsWith(GENERIC)
      ? `Cannot read "pipelines.yml" as ${message.slice(GENERIC.length)}`
      : message,
    fix: fix.replace("a workflow.yaml of its own", "a pipelines.yml of its own"),
  };
}

function positions({ lines }: YamlDocument): (offset: number) => Position {
  return (offset) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
}
