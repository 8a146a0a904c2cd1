import type { JsonObject, JsonValue } from "../json/mod.ts";

/** What a template works with; the variables themselves are a value too. */
export type Value =
  | JsonValue
  | Variables
  | undefined;

/** The variables of a template, texts among them filled in when they are first asked for. */
export class Variables {
  readonly #values: JsonObject;
  readonly #fill: (name: string, text: string) => string;
  readonly #filled = new Map<string, string>();

  /** @param fill Fills in a text that is a template itself. */
  constructor(values: JsonObject, fill: (name: string, text: string) => string) {
    this.#values = values;
    this.#fill = fill;
  }

  keys(): readonly string[] {
    return keysOf(this.#values);
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#values, name);
  }

  get(name: string): Value {
    if (!this.has(name)) return undefined;
    const value = this.#values[name];
    if (typeof value !== "string" || !value.includes("{{")) return value;
    let text = this.#filled.get(name);
    if (text === undefined) {
      text = this.#fill(name, value);
      this.#filled.set(name, text);
    }
    return text;
  }
}

const KEYS = new WeakMap<object, readonly string[]>();

/** The keys of a map, looked up once: a condition in a loop asks each time, and values never change. */
export function keysOf(map: object): readonly string[] {
  let keys = KEYS.get(map);
  if (keys === undefined) KEYS.set(map, keys = Object.keys(map));
  return keys;
}

/** Whether a value has keys. */
export function isMap(value: Value): value is Variables | JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value at a key of the map itself; `undefined` when there is none. */
export function entryOf(map: Variables | JsonObject, key: string): Value {
  if (map instanceof Variables) return map.get(key);
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** What conditions take for true: whatever is not empty. */
export function isTrue(value: Value): boolean {
  if (typeof value !== "object" || value === null) return Boolean(value);
  if (Array.isArray(value)) return value.length > 0;
  return (value instanceof Variables ? value.keys() : keysOf(value)).length > 0;
}
