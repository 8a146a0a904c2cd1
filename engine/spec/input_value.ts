import type { JsonValue } from "../json/mod.ts";
import type { InputSpec } from "./types.ts";

/** The type of a JSON value in the words of `inputs`. */
export function typeOf(value: JsonValue): InputSpec["type"] | "null" {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value as "string" | "boolean" | "object";
}

/** How `value` breaks an input's declaration: its type, its list of values, or not at all. */
export function inputFlaw(
  { type, enum: words }: Pick<InputSpec, "type" | "enum">,
  value: JsonValue,
): "type" | "enum" | undefined {
  const actual = typeOf(value);
  if (actual !== type && !(type === "number" && actual === "integer")) return "type";
  if (words !== undefined && !words.some((word) => equalJson(word, value))) return "enum";
  return undefined;
}

/** Whether two JSON values are the same, whatever the order of their keys. */
export function equalJson(a: JsonValue, b: JsonValue): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const left = Object.entries(a);
  if (left.length !== Object.keys(b).length) return false;
  return left.every(([key, value]) =>
    Object.hasOwn(b, key) &&
    equalJson(value, (b as { readonly [key: string]: JsonValue })[key] ?? null)
  );
}
