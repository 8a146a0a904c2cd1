import {
  Composer,
  type Document,
  Lexer,
  LineCounter,
  type ParsedNode,
  Parser,
  type YAMLError,
} from "yaml";
import type { ErrorCode } from "../errors/mod.ts";
import { formatBytes } from "../units/mod.ts";
import { explainYamlErrors } from "./yaml_syntax.ts";

/** Larger files are refused before anything reads them. */
export const MAX_FILE_BYTES = 10 * 1024 ** 2;

/** A file with 100 000 nodes has about 2.5 million; it bounds the memory that a hostile file can take. */
const MAX_LEXEMES = 4_000_000;

/** Twice a hundred levels: the parser keeps a map and its value on its stack for each. */
const MAX_STACK = 200;

/** Nobody reads more, and most of them follow from the first. */
const MAX_ERRORS = 1_000;

/** A problem with the text itself, at an offset of it. */
export interface TextProblem {
  readonly code: ErrorCode;
  readonly severity: "error" | "warning";
  readonly offset: number;
  readonly message: string;
  readonly fix: string;
}

/** A text read as YAML. */
export interface YamlDocument {
  /** False when `problems` says why not. */
  readonly isYaml: boolean;
  /** Undefined when the text is empty or not YAML. */
  readonly root: ParsedNode | undefined;
  readonly problems: readonly TextProblem[];
  readonly lines: LineCounter;
}

/** Reads `text` (without a byte order mark) as one YAML 1.2 document, in bounded time and memory. */
export function readYamlDocument(text: string): YamlDocument {
  const lines = new LineCounter();
  const refused = refuseUnread(text);
  if (refused !== undefined) {
    for (
      let at = text.indexOf("\n");
      at >= 0 && at < refused.offset;
      at = text.indexOf("\n", at + 1)
    ) {
      lines.addNewLine(at + 1);
    }
    lines.lineStarts.unshift(0);
    return { isYaml: false, root: undefined, problems: [refused], lines };
  }
  const composer = createComposer(lines);
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  const documents: Document.Parsed[] = [];
  let lexemes = 0;
  try {
    for (const lexeme of new Lexer().lex(text)) {
      for (const token of parser.next(lexeme)) documents.push(...composer.next(token));
      // Everything after a second document is that much more of the same mistake.
      if (documents.length > 1) break;
      lexemes++;
      const problem = lexemes > MAX_LEXEMES
        ? tooLarge(parser.offset, "it has too many values")
        : parser.stack.length > MAX_STACK
        ? tooDeep(parser.offset)
        : undefined;
      if (problem !== undefined) {
        return { isYaml: false, root: undefined, problems: [problem], lines };
      }
    }
    for (const token of parser.end()) documents.push(...composer.next(token));
    documents.push(...composer.end(documents.length === 0, text.length));
  } catch (error) {
    if (!(error instanceof TooManyErrors)) throw error;
    const problems = explainYamlErrors(text, error.errors, lines);
    return { isYaml: false, root: undefined, problems, lines };
  }
  return finish(text, documents, lines);
}

/** Thrown through the YAML library to leave a text that is nothing but mistakes. */
class TooManyErrors extends Error {
  readonly errors: readonly YAMLError[];

  constructor(errors: readonly YAMLError[]) {
    super("Cannot read on as the text has too many errors");
    this.errors = errors;
  }
}

/**
 * A composer that stops after `MAX_ERRORS`. The library has no limit of its own, and a file of wrong
 * escapes would cost a kilobyte for each, gigabytes in all. Its error handler is an inner part: were it
 * renamed, the limit would be gone and nothing else.
 */
function createComposer(lines: LineCounter): Composer {
  const composer = new Composer<ParsedNode>({
    lineCounter: lines,
    uniqueKeys: false,
    prettyErrors: false,
    resolveKnownTags: false,
    merge: false,
    schema: "core",
    logLevel: "silent",
  });
  const report: unknown = Reflect.get(composer, "onError");
  if (typeof report !== "function") return composer;
  let count = 0;
  Reflect.set(composer, "onError", (...args: unknown[]) => {
    if (++count > MAX_ERRORS) {
      throw new TooManyErrors(Reflect.get(composer, "errors") as YAMLError[]);
    }
    Reflect.apply(report, composer, args);
  });
  return composer;
}

function finish(text: string, documents: Document.Parsed[], lines: LineCounter): YamlDocument {
  const [first, second] = documents;
  const problems = [
    ...explainYamlErrors(text, first?.errors ?? [], lines),
    ...explainYamlErrors(text, first?.warnings ?? [], lines),
  ];
  if (second !== undefined) {
    problems.push({
      code: "YAML_SYNTAX",
      severity: "error",
      offset: secondStart(text, second),
      message: "Cannot read a second document as one file holds one workflow: it follows ---",
      fix: "Move what follows --- into a workflow.yaml of its own",
    });
  }
  const broken = problems.some(({ severity }) => severity === "error");
  const root = broken ? undefined : first?.contents ?? undefined;
  return { isYaml: !broken, root, problems, lines };
}

function secondStart(text: string, second: Document.Parsed): number {
  const marker = text.lastIndexOf("---", second.range[0] + 3);
  return marker >= 0 ? marker : second.range[0];
}

/** What keeps `text` from being parsed at all. */
function refuseUnread(text: string): TextProblem | undefined {
  if (byteLength(text) > MAX_FILE_BYTES) {
    return tooLarge(0, `it has more than ${formatBytes(MAX_FILE_BYTES)} bytes`);
  }
  // deno-lint-ignore no-control-regex
  const control = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/.exec(text);
  if (control === null) return undefined;
  const code = control[0].charCodeAt(0);
  const name = code === 0 ? "a NUL byte" : `the control character U+${hex(code)}`;
  return {
    code: "YAML_SYNTAX",
    severity: "error",
    offset: control.index,
    message: `Cannot read "workflow.yaml" as YAML is plain text: it holds ${name}`,
    fix: code === 0
      ? "Save the file as UTF-8 text, without NUL bytes"
      : `Remove the character, or write it as "\\x${hex(code).slice(2)}" in double quotes`,
  };
}

function byteLength(text: string): number {
  // A UTF-16 unit takes one to three bytes, so most texts need no counting.
  if (text.length > MAX_FILE_BYTES || text.length * 3 <= MAX_FILE_BYTES) return text.length;
  return new TextEncoder().encode(text).byteLength;
}

function hex(code: number): string {
  return code.toString(16).toUpperCase().padStart(4, "0");
}

function tooLarge(offset: number, state: string): TextProblem {
  return {
    code: "WORKFLOW_TOO_LARGE",
    severity: "error",
    offset,
    message: `Cannot read "workflow.yaml" as a workflow has at most ${
      formatBytes(MAX_FILE_BYTES)
    } bytes and ${MAX_LEXEMES / 1e6} million tokens: ${state}`,
    fix: "Move data into a file of its own and read it in a node, or split the workflow",
  };
}

function tooDeep(offset: number): TextProblem {
  return {
    code: "YAML_SYNTAX",
    severity: "error",
    offset,
    message: `Cannot read "workflow.yaml" as values nest at most ${
      MAX_STACK / 2
    } deep: it nests deeper here`,
    fix: "Close the open brackets, or flatten the value",
  };
}
