import type { JsonValue } from "../json/mod.ts";

/** Values are told apart by so many characters: a partition is a name, not a document. */
const MAX_LENGTH = 256;

/**
 * The partition of a run: what stands at `key` (`config.queue_key`) in its input. The key is a dotted path:
 * `customer`, `repository.name`, and the same with `input.` or `$.` in front. A text stands for itself, any
 * other value for its JSON; what is missing or null is the partition `""`, as is everything without a key.
 */
export function partitionOf(key: string | undefined, input: JsonValue): string {
  if (key === undefined) return "";
  let value: JsonValue | undefined = input;
  for (const name of key.replace(/^(\$|input)\./, "").split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return "";
    value = (value as { readonly [name: string]: JsonValue })[name];
  }
  if (value === undefined || value === null) return "";
  return (typeof value === "string" ? value : JSON.stringify(value)).slice(0, MAX_LENGTH);
}
