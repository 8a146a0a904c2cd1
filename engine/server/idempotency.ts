import { CodedError } from "../errors/mod.ts";

/** How long a key is remembered. */
export const KEY_TTL_MS = 24 * 60 * 60 * 1000;
const MAX_KEY_LENGTH = 255;

/** The request's key, checked; `undefined` when it has none. */
export function readIdempotencyKey(headers: Headers): string | undefined {
  const key = headers.get("idempotency-key");
  if (key === null) return undefined;
  if (key.length > 0 && key.length <= MAX_KEY_LENGTH) return key;
  throw new CodedError(
    "BAD_REQUEST",
    `Cannot read "Idempotency-Key" as a key: it has ${key.length} characters, not 1 to ${MAX_KEY_LENGTH}`,
    { fix: `Idempotency-Key: ${crypto.randomUUID()}` },
  );
}

/** A short text that differs when the input differs, so that the input itself need not be kept. */
export async function fingerprintOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(digest).toBase64();
}
