import type { JsonValue } from "../json/mod.ts";
import type { Difference } from "./difference.ts";
import type { JsonPath } from "./json_source.ts";
import { type Paint, plain } from "./paint.ts";
import { printable } from "./printable.ts";
import { diffSequences } from "./sequence_diff.ts";

const MAX_DIFFERENCES = 20;
const MAX_VALUE_LENGTH = 400;
const MAX_LINES = 60;
/** Unchanged lines shown on each side of a changed one. */
const CONTEXT_LINES = 2;

/**
 * Differences as people read them: the place, then `-` what was expected and `+` what came. Texts of
 * several lines are shown line by line. Bounded: long values and long lists are cut, and say so.
 */
export function formatDifferences(
  differences: readonly Difference[],
  paint: Paint = plain,
): string {
  const shown = differences.slice(0, MAX_DIFFERENCES);
  const blocks = shown.map((difference) => formatDifference(difference, paint));
  const rest = differences.length - shown.length;
  if (rest > 0) blocks.push(paint.dim(`… and ${rest} more`));
  return blocks.join("\n");
}

/** `stories[0].title`; the whole value is `(output)`. */
export function formatPath(path: JsonPath): string {
  if (path.length === 0) return "(output)";
  return path.map((key, index) => {
    if (typeof key === "number") return `[${key}]`;
    if (!/^[A-Za-z_$][\w$-]*$/.test(key)) return `[${JSON.stringify(key)}]`;
    return index === 0 ? key : `.${key}`;
  }).join("");
}

function formatDifference(difference: Difference, paint: Paint): string {
  const place = formatPath(difference.path);
  switch (difference.kind) {
    case "missing":
      return [`${place} ${paint.dim("is missing")}`, removed(difference.expected, paint)].join(
        "\n",
      );
    case "extra":
      return [`${place} ${paint.dim("is not expected")}`, added(difference.actual, paint)].join(
        "\n",
      );
    case "changed": {
      const { expected, actual } = difference;
      if (typeof expected === "string" && typeof actual === "string" && isLong(expected, actual)) {
        return [place, formatLines(expected, actual, paint)].join("\n");
      }
      return [place, removed(expected, paint), added(actual, paint)].join("\n");
    }
  }
}

function isLong(expected: string, actual: string): boolean {
  return expected.includes("\n") || actual.includes("\n");
}

/** Two texts line by line, with a little of what did not change around what did. */
function formatLines(expected: string, actual: string, paint: Paint): string {
  const before = expected.split("\n");
  const after = actual.split("\n");
  const edits = diffSequences(before, after, (a, b) => a === b);
  const isNear = (index: number): boolean =>
    edits.slice(Math.max(0, index - CONTEXT_LINES), index + CONTEXT_LINES + 1)
      .some((edit) => edit.kind !== "same");

  const lines: string[] = [];
  let isGap = false;
  for (const [index, edit] of edits.entries()) {
    if (lines.length >= MAX_LINES) {
      lines.push(paint.dim("  …"));
      break;
    }
    if (!isNear(index)) {
      if (!isGap) lines.push(paint.dim("  …"));
      isGap = true;
      continue;
    }
    isGap = false;
    if (edit.kind === "missing") lines.push(paint.red(`  - ${cut(before[edit.expected] ?? "")}`));
    else if (edit.kind === "extra") lines.push(paint.green(`  + ${cut(after[edit.actual] ?? "")}`));
    else lines.push(paint.dim(`    ${cut(before[edit.expected] ?? "")}`));
  }
  return lines.join("\n");
}

function removed(value: JsonValue, paint: Paint): string {
  return paint.red(`  - ${show(value)}`);
}

function added(value: JsonValue, paint: Paint): string {
  return paint.green(`  + ${show(value)}`);
}

function show(value: JsonValue): string {
  return cut(JSON.stringify(value));
}

/** At most so many characters, and none that would steer a terminal. */
function cut(text: string): string {
  const rest = text.length - MAX_VALUE_LENGTH;
  const head = rest > 0 ? `${text.slice(0, MAX_VALUE_LENGTH)} … (${rest} more characters)` : text;
  return printable(head);
}
