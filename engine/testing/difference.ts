import type { JsonObject, JsonValue } from "../json/mod.ts";
import type { JsonPath } from "./json_source.ts";
import { diffSequences } from "./sequence_diff.ts";

/** One place where an actual value is not the expected one. */
export type Difference =
  | {
    readonly kind: "changed";
    readonly path: JsonPath;
    readonly expected: JsonValue;
    readonly actual: JsonValue;
  }
  | { readonly kind: "missing"; readonly path: JsonPath; readonly expected: JsonValue }
  | { readonly kind: "extra"; readonly path: JsonPath; readonly actual: JsonValue };

/**
 * How an expected value is compared.
 * - `exact`: the same JSON; the order of keys does not count.
 * - `subset`: an object may have further keys. An array has the same length, and its items are
 *   compared as subsets, each with the one at its position.
 */
export type MatchMode = "exact" | "subset";

/** Every difference between two values, in the order of the expected one. Empty when they match. */
export function compare(expected: JsonValue, actual: JsonValue, match: MatchMode): Difference[] {
  const differences: Difference[] = [];
  collect(expected, actual, { match, path: [], differences });
  return differences;
}

/** Whether `actual` is what `expected` asks for. */
export function isMatch(expected: JsonValue, actual: JsonValue, match: MatchMode): boolean {
  if (isArray(expected)) {
    return isArray(actual) && expected.length === actual.length &&
      expected.every((item, index) => isMatch(item, actual[index] ?? null, match));
  }
  if (!isObject(expected)) return expected === actual;
  if (!isObject(actual)) return false;
  const keys = Object.keys(expected);
  if (match === "exact" && keys.length !== Object.keys(actual).length) return false;
  return keys.every((key) =>
    Object.hasOwn(actual, key) && isMatch(valueOf(expected, key), valueOf(actual, key), match)
  );
}

interface Collector {
  readonly match: MatchMode;
  readonly path: JsonPath;
  readonly differences: Difference[];
}

function collect(expected: JsonValue, actual: JsonValue, collector: Collector): void {
  if (isArray(expected) && isArray(actual)) collectItems(expected, actual, collector);
  else if (isObject(expected) && isObject(actual)) collectMembers(expected, actual, collector);
  else if (expected !== actual) {
    collector.differences.push({ kind: "changed", path: collector.path, expected, actual });
  }
}

function collectMembers(expected: JsonObject, actual: JsonObject, collector: Collector): void {
  const { match, path, differences } = collector;
  for (const key of Object.keys(expected)) {
    const below = [...path, key];
    const wanted = valueOf(expected, key);
    if (!Object.hasOwn(actual, key)) {
      differences.push({ kind: "missing", path: below, expected: wanted });
    } else {
      collect(wanted, valueOf(actual, key), { ...collector, path: below });
    }
  }
  if (match === "subset") return;
  for (const key of Object.keys(actual)) {
    if (Object.hasOwn(expected, key)) continue;
    differences.push({ kind: "extra", path: [...path, key], actual: valueOf(actual, key) });
  }
}

/** Items of equal count are compared by position; else they are aligned, so that one more item is one difference. */
function collectItems(
  expected: readonly JsonValue[],
  actual: readonly JsonValue[],
  collector: Collector,
): void {
  const { match, path, differences } = collector;
  if (expected.length === actual.length) {
    expected.forEach((item, index) =>
      collect(item, actual[index] ?? null, { ...collector, path: [...path, index] })
    );
    return;
  }
  for (const edit of diffSequences(expected, actual, (a, b) => isMatch(a, b, match))) {
    if (edit.kind === "missing") {
      const item = expected[edit.expected] ?? null;
      differences.push({ kind: "missing", path: [...path, edit.expected], expected: item });
    } else if (edit.kind === "extra") {
      const item = actual[edit.actual] ?? null;
      differences.push({ kind: "extra", path: [...path, edit.actual], actual: item });
    }
  }
}

function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function valueOf(object: JsonObject, key: string): JsonValue {
  return object[key] ?? null;
}
