import type { JsonValue } from "./json_value.ts";

/** How large a value is in memory, roughly, and how deeply it is nested. */
export interface JsonMeasure {
  readonly bytes: number;
  readonly depth: number;
}

/**
 * Measures without recursion, so that a value nested a million times is measured too. Stops as soon as
 * `maxDepth` is passed; the depth is then `maxDepth + 1`.
 */
export function measureJson(value: JsonValue, maxDepth = Infinity): JsonMeasure {
  if (typeof value !== "object" || value === null) return { bytes: scalarBytes(value), depth: 0 };
  let bytes = 0;
  let depth = 0;
  let level: JsonValue[] = [value];
  while (level.length > 0) {
    if (++depth > maxDepth) break;
    const next: JsonValue[] = [];
    for (const container of level) {
      bytes += 32;
      if (Array.isArray(container)) {
        for (const item of container) bytes += 8 + visit(item, next);
      } else {
        const record = container as { readonly [key: string]: JsonValue };
        for (const key in record) bytes += 16 + key.length + visit(record[key] ?? null, next);
      }
    }
    level = next;
  }
  return { bytes, depth };
}

function visit(value: JsonValue, next: JsonValue[]): number {
  if (typeof value !== "object" || value === null) return scalarBytes(value);
  next.push(value);
  return 0;
}

function scalarBytes(value: null | boolean | number | string): number {
  return typeof value === "string" ? 16 + value.length * 2 : 8;
}
