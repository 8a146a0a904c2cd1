import type { JsonValue } from "../json/mod.ts";

/** Equal for equal JSON, and for nothing else. */
export async function stampOfJson(value: JsonValue): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
