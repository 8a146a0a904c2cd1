import type { JsonValue } from "../json/mod.ts";
import { MASK } from "./redacting_scan.ts";

/** How the leaves of a JSON value are judged. */
export interface LeafRedaction {
  text(text: string): string;
  isCleanText(text: string): boolean;
  /** Secrets of digits alone, as numbers. */
  readonly numbers: ReadonlySet<number>;
}

/** Deeper values are walked without recursion, which the stack would not bear. */
const MAX_RECURSION = 200;

type JsonParent = JsonValue[] | { readonly [key: string]: JsonValue };

/** `value` without secrets, keys included; the same object when it holds none. Any depth. */
export function redactJson(value: JsonValue, leaves: LeafRedaction): JsonValue {
  return isCleanJson(value, leaves) ? value : redactedCopy(value, leaves);
}

/** Whether no string, key or number of a value is judged to be a secret. Any depth. */
export function isCleanJson(value: JsonValue, leaves: Omit<LeafRedaction, "text">): boolean {
  return isClean(value, leaves, 0);
}

/** The hot path: reads, and allocates nothing. */
function isClean(value: JsonValue, leaves: Omit<LeafRedaction, "text">, depth: number): boolean {
  if (typeof value === "string") return leaves.isCleanText(value);
  if (typeof value !== "object" || value === null) return isCleanLeaf(value, leaves);
  if (depth === MAX_RECURSION) return isDeepClean(value, leaves);
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      if (!isClean(value[i], leaves, depth + 1)) return false;
    }
    return true;
  }
  const object = value as { readonly [key: string]: JsonValue };
  for (const key in object) {
    if (!leaves.isCleanText(key)) return false;
    const child = object[key];
    if (child !== undefined && !isClean(child, leaves, depth + 1)) return false;
  }
  return true;
}

function isDeepClean(value: JsonValue, leaves: Omit<LeafRedaction, "text">): boolean {
  const pending: JsonValue[] = [value];
  while (pending.length > 0) {
    const next = pending.pop() ?? null;
    if (typeof next !== "object" || next === null) {
      if (!isCleanLeaf(next, leaves)) return false;
      continue;
    }
    for (const [key, child] of Object.entries(next)) {
      if (!Array.isArray(next) && !leaves.isCleanText(key)) return false;
      pending.push(child);
    }
  }
  return true;
}

function isCleanLeaf(value: JsonValue, leaves: Omit<LeafRedaction, "text">): boolean {
  if (typeof value === "string") return leaves.isCleanText(value);
  return typeof value !== "number" || leaves.numbers.size === 0 || !leaves.numbers.has(value);
}

function redactedCopy(value: JsonValue, leaves: LeafRedaction): JsonValue {
  const root: JsonValue[] = [];
  const pending: { parent: JsonParent; key: string; value: JsonValue }[] = [
    { parent: root, key: "0", value },
  ];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { parent, key, value } = next;
    const shown = shallowCopy(value, leaves);
    // `__proto__` is a key like any other.
    Object.defineProperty(parent, key, { value: shown, enumerable: true });
    if (typeof value !== "object" || value === null) continue;
    for (const [name, child] of Object.entries(value).reverse()) {
      const shownName = Array.isArray(value) ? name : leaves.text(name);
      pending.push({ parent: shown as JsonParent, key: shownName, value: child });
    }
  }
  return root[0] ?? null;
}

/** A leaf without its secret, or an empty parent for the children to come. */
function shallowCopy(value: JsonValue, leaves: LeafRedaction): JsonValue {
  if (typeof value === "string") return leaves.text(value);
  if (typeof value === "number") return leaves.numbers.has(value) ? MASK : value;
  if (typeof value !== "object" || value === null) return value;
  return Array.isArray(value) ? [] : {};
}
