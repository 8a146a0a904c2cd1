import type { JsonValue } from "../json/mod.ts";

/** What tells one question from another: a digest of it, whatever the order of its keys. */
export async function fingerprintOf(params: JsonValue): Promise<string> {
  const text = JSON.stringify(params, (_key, value) => sorted(value));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(digest).toHex();
}

function sorted(value: JsonValue): JsonValue {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1));
}
