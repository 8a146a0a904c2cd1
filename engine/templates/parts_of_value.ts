import { formatValue } from "./format_value.ts";
import { entryOf, isMap, keysOf, type Value, Variables } from "./variables.ts";

/** `len`: of a text in bytes, as Go counts. */
export function lengthOf(value: Value): number {
  if (typeof value === "string") return new TextEncoder().encode(value).length;
  if (Array.isArray(value)) return value.length;
  if (isMap(value)) {
    return (value instanceof Variables ? value.keys() : keysOf(value)).length;
  }
  if (value === null || value === undefined) throw new Error("len of nil pointer");
  throw new Error(`len of type ${typeName(value)}`);
}

/** `index`: one level for each key. A key that a map does not have gives nothing. */
export function indexOf(value: Value, keys: readonly Value[]): Value {
  let at = value;
  for (const key of keys) {
    if (at === null || at === undefined) throw new Error("index of untyped nil");
    if (isMap(at)) {
      if (typeof key !== "string") {
        throw new Error(`value has type ${typeName(key)}; should be string`);
      }
      at = entryOf(at, key);
    } else if (Array.isArray(at) || typeof at === "string") {
      const index = wholeNumber(key, "index");
      const items: readonly Value[] = Array.isArray(at) ? at : [...new TextEncoder().encode(at)];
      if (index < 0 || index >= items.length) {
        throw new Error(`index out of range: ${formatValue(key)}`);
      }
      at = items[index];
    } else throw new Error(`can't index item of type ${typeName(at)}`);
  }
  return at;
}

/** `slice`: a part of a text, by bytes, or of a list. */
export function sliceOf(value: Value, bounds: readonly Value[]): Value {
  const isText = typeof value === "string";
  if (!isText && !Array.isArray(value)) {
    throw new Error(`can't slice item of type ${typeName(value)}`);
  }
  const bytes = isText ? new TextEncoder().encode(value) : undefined;
  const length = bytes?.length ?? (value as readonly Value[]).length;
  const [from = 0, to = length] = bounds.map((bound) => wholeNumber(bound, "slice"));
  if (from < 0 || to > length) throw new Error(`index out of range: ${from < 0 ? from : to}`);
  if (from > to) throw new Error(`invalid slice index: ${from} > ${to}`);
  return bytes === undefined
    ? (value as Extract<Value, readonly unknown[]>).slice(from, to)
    : new TextDecoder().decode(bytes.subarray(from, to));
}

/** What Go calls the type of a value. */
export function typeName(value: Value): string {
  switch (typeof value) {
    case "string":
      return "string";
    case "boolean":
      return "bool";
    case "number":
      return Number.isInteger(value) ? "int" : "float64";
    default:
      if (value === null || value === undefined) return "nil";
      return Array.isArray(value) ? "[]interface {}" : "map[string]interface {}";
  }
}

function wholeNumber(value: Value, what: string): number {
  if (typeof value === "number" && Number.isInteger(value)) return value;
  if (value === null || value === undefined) throw new Error(`cannot index slice/array with nil`);
  throw new Error(`cannot ${what} slice/array with type ${typeName(value)}`);
}
