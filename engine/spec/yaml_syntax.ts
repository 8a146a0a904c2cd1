import type { LineCounter, YAMLError } from "yaml";
import type { TextProblem } from "./yaml_document.ts";

interface Explanation {
  readonly state: string;
  readonly fix: string;
}

interface Line {
  readonly text: string;
  readonly start: number;
}

/**
 * The YAML library's errors in the words of this project, with a way out. One for each line: the others
 * are what the first one led to.
 */
export function explainYamlErrors(
  text: string,
  errors: readonly YAMLError[],
  lines: LineCounter,
): TextProblem[] {
  const seen = new Set<number>();
  const problems: TextProblem[] = [];
  for (const error of errors) {
    const offset = Math.min(error.pos[0], text.length);
    // From the counter, as looking for the line break would read a long line again for each error.
    const start = lines.lineStarts[lines.linePos(offset).line - 1] ?? 0;
    if (seen.has(start)) continue;
    seen.add(start);
    const end = text.indexOf("\n", offset);
    // Nobody reads further, and a line may be the whole of a large file.
    const length = Math.min(end < 0 ? text.length : end, start + 500);
    problems.push(explain({ start, text: text.slice(start, length) }, error));
  }
  return problems;
}

function explain(line: Line, error: YAMLError): TextProblem {
  const known = ofLine(line);
  const { state, fix } = known ?? ofCode(error);
  const isAlias = known === undefined &&
    (error.code === "BAD_ALIAS" || error.code === "ALIAS_PROPS");
  const harmless = error.name === "YAMLWarning" && error.code !== "TAG_RESOLVE_FAILED";
  return {
    code: isAlias ? "YAML_ALIAS" : "YAML_SYNTAX",
    severity: harmless ? "warning" : "error",
    offset: known?.offset ?? error.pos[0],
    message: `Cannot read "workflow.yaml" as YAML: ${state}`,
    fix,
  };
}

/** The mistakes that people make most, told from the line they stand in. */
function ofLine({ text, start }: Line): Explanation & { offset: number } | undefined {
  const tab = /^ *\t/.exec(text);
  if (tab !== null) {
    return {
      state: "a tab indents the line",
      fix: "Replace the tab with spaces: YAML indents with spaces only",
      offset: start + tab[0].length - 1,
    };
  }
  const [, before = "", key, gap = "", value] = /^([ -]*)([\w-]+):(\s+)(.*?)\s*$/.exec(text) ?? [];
  if (key === undefined || value === undefined) return undefined;
  const offset = start + before.length + key.length + 1 + gap.length;
  if (/^\*([\s/,]|$)/.test(value)) {
    return { state: "a * begins an alias", fix: `${key}: "${value}"`, offset };
  }
  if (/^[@`%]/.test(value)) {
    const state = `${value.slice(0, 1)} may not begin a plain value`;
    return { state, fix: `${key}: "${value.replace(/["\\]/g, "\\$&")}"`, offset };
  }
  if (/^[^"'[{|>&*#!]/.test(value) && /:(\s|$)/.test(value)) {
    const state = "a plain value holds a colon and a space";
    return { state, fix: `${key}: '${value.replaceAll("'", "''")}'`, offset };
  }
  return undefined;
}

function ofCode(error: YAMLError): Explanation {
  const message = error.message.split("\n")[0] ?? "";
  const state = message.slice(0, 1).toLowerCase() + message.slice(1, 200).replace(/\.$/, "");
  return { state, fix: fixOf(error, message) };
}

function fixOf(error: YAMLError, message: string): string {
  switch (error.code) {
    case "TAB_AS_INDENT":
      return "Replace the tab with spaces: YAML indents with spaces only";
    case "BAD_INDENT":
      if (/flow/i.test(message)) return "Close the bracket where its value ends";
      return "Indent the lines of one map or list by the same number of spaces";
    case "BAD_DQ_ESCAPE":
      return "Write \\\\ for a backslash, or use single quotes";
    case "MISSING_CHAR":
      if (/quote/.test(message)) return "Close the quotes on the line where they open";
      if (/map value/.test(message)) {
        return "Write key: value, with a colon and a space after the key";
      }
      return /[[{]|flow|comma|,/.test(message)
        ? "Close the bracket, and put a comma between its entries"
        : "Write key: value, with a colon and a space after the key";
    case "MULTILINE_IMPLICIT_KEY":
    case "BLOCK_AS_IMPLICIT_KEY":
    case "KEY_OVER_1024_CHARS":
      return "Write one key: value on each line, and quote a value that holds a colon";
    case "BAD_SCALAR_START":
      return "Put the value in double quotes";
    case "BAD_ALIAS":
    case "ALIAS_PROPS":
      return "Define the value first with &name, then use it as *name; quote text that begins with *";
    case "TAG_RESOLVE_FAILED":
    case "MULTIPLE_TAGS":
      return "Remove the tag (the word that begins with !), or put the value in quotes";
    case "MULTIPLE_ANCHORS":
      return "Keep one & name for the value";
    case "BAD_DIRECTIVE":
      return "Remove the line that begins with %, or quote the value";
    case "RESOURCE_EXHAUSTION":
      return "Close the open brackets, or flatten the value";
    default:
      return "Check the indentation, the colons and the quotes of this line";
  }
}
