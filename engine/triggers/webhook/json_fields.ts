import type { JsonObject, JsonValue } from "../../json/mod.ts";

/** The text at a path of keys in a value; `undefined` where there is none. */
export function textAt(
  value: JsonValue | undefined,
  ...path: readonly string[]
): string | undefined {
  let at: JsonValue | undefined = value;
  for (const key of path) {
    if (typeof at !== "object" || at === null || Array.isArray(at)) return undefined;
    at = Object.hasOwn(at, key) ? (at as JsonObject)[key] : undefined;
  }
  return typeof at === "string" && at !== "" ? at : undefined;
}

/** Those that are there. */
export function present(...texts: readonly (string | undefined | null)[]): readonly string[] {
  return texts.filter((text) => text !== undefined && text !== null && text !== "") as string[];
}
