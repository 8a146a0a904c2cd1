import type { JsonObject, JsonValue } from "../json/mod.ts";
import { type JsonPath, type JsonSource, parseJsonSource } from "./json_source.ts";

/**
 * The text of a JSON file with the value at `path` replaced; all the rest stays as it is, to the last
 * space. A key of the top level that is not there is added at the end.
 */
export function withValue(source: JsonSource, path: JsonPath, value: JsonValue): string {
  const { text } = source;
  const unit = /\n([ \t]+)\S/.exec(text)?.[1] ?? "  ";
  if (exists(source.value, path)) {
    const { start, end } = source.range(path);
    return text.slice(0, start) + indented(value, unit, indentAt(text, start)) + text.slice(end);
  }
  const { end } = source.range([]);
  const body = text.slice(0, end - 1).trimEnd();
  const comma = body.endsWith("{") ? "" : ",";
  const key = JSON.stringify(String(path.at(-1)));
  return `${body}${comma}\n${unit}${key}: ${indented(value, unit, unit)}\n}${text.slice(end)}`;
}

/** Rewrites parts of a fixture's file in place. */
export async function updateFixture(
  path: string,
  source: JsonSource,
  values: readonly (readonly [JsonPath, JsonValue])[],
): Promise<void> {
  let current = source;
  for (const [at, value] of values) current = parseJsonSource(withValue(current, at, value));
  const folder = path.slice(0, path.lastIndexOf("/"));
  await Deno.mkdir(folder, { recursive: true });
  // a hidden name: a test run beside this one does not take the half-written file for a fixture
  const draft = `${folder}/.${path.slice(folder.length + 1)}.${crypto.randomUUID()}`;
  await Deno.writeTextFile(draft, current.text);
  await Deno.rename(draft, path);
}

/** The part of `actual` that `expected` speaks of, so that an updated subset stays one. */
export function project(expected: JsonValue, actual: JsonValue): JsonValue {
  if (Array.isArray(expected) && Array.isArray(actual)) {
    return actual.map((item, index) => project(expected[index] ?? expected.at(-1) ?? null, item));
  }
  if (!isObject(expected) || !isObject(actual)) return actual;
  const keys = Object.keys(expected).filter((key) => Object.hasOwn(actual, key));
  return Object.fromEntries(
    keys.map((key) => [key, project(expected[key] ?? null, actual[key] ?? null)]),
  );
}

function indented(value: JsonValue, unit: string, indent: string): string {
  return JSON.stringify(value, null, unit).replaceAll("\n", `\n${indent}`);
}

/** The white space at the start of the line in which `offset` is. */
function indentAt(text: string, offset: number): string {
  const lineStart = text.lastIndexOf("\n", offset - 1) + 1;
  return /^[ \t]*/.exec(text.slice(lineStart, offset))?.[0] ?? "";
}

function exists(value: JsonValue, path: JsonPath): boolean {
  let at: JsonValue | undefined = value;
  for (const key of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, key)) return false;
    at = (at as { readonly [key: string | number]: JsonValue })[key];
  }
  return true;
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
