import { type Value, Variables } from "./variables.ts";

/** `eq`: of values of one basic kind. */
export function isEqual(a: Value, b: Value): boolean {
  const [kind, other] = [kindOf(a), kindOf(b)];
  // Nothing is equal to nothing alone.
  if (kind === "nil" || other === "nil") return kind === other;
  if (kind === "other" || other === "other") throw new Error("non-comparable type");
  if (kind !== other) throw new Error("incompatible types for comparison");
  return a === b;
}

/** `lt` and its like: of two numbers or two texts. */
export function compare(a: Value, b: Value): number {
  const [kind, other] = [kindOf(a), kindOf(b)];
  if (kind !== "number" && kind !== "string") throw new Error("invalid type for comparison");
  if (other !== "number" && other !== "string") throw new Error("invalid type for comparison");
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a === "string" && typeof b === "string") return compareText(a, b);
  throw new Error("incompatible types for comparison");
}

/** By code points, which is the order of bytes in UTF-8. */
function compareText(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  for (const [index, char] of left.entries()) {
    const difference = (char.codePointAt(0) ?? 0) - (right[index]?.codePointAt(0) ?? -1);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

function kindOf(value: Value): "nil" | "number" | "string" | "boolean" | "other" {
  if (value === null || value === undefined) return "nil";
  if (value instanceof Variables || typeof value === "object") return "other";
  return typeof value as "number" | "string" | "boolean";
}
