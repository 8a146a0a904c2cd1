import type { JsonObject, JsonValue } from "../json/mod.ts";

/** Whether a value is a map: an object that is neither null nor a list. */
export function isMap(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
