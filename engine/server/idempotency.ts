import { CodedError } from "../errors/mod.ts";

/** How long a key is remembered. */
export const KEY_TTL_MS = 24 * 60 * 60 * 1000;
/** Keys remembered at once; the oldest give way. */
export const MAX_KEYS = 10_000;
const MAX_KEY_LENGTH = 255;

interface Entry {
  readonly fingerprint: string;
  readonly runId: string;
  readonly expiresAt: number;
}

/** Remembers which run each `Idempotency-Key` started. */
export class IdempotencyKeys {
  readonly #entries = new Map<string, Entry>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * The run that this key has started, else `start()`'s. Nothing happens between the look and the
   * start, so two requests that arrive together share one run. A start that throws leaves no trace.
   *
   * @throws {CodedError} `IDEMPOTENCY_CONFLICT` when the key came with another input before
   */
  runFor(key: string, fingerprint: string, start: () => string): string {
    this.#forgetExpired();
    const known = this.#entries.get(key);
    if (known !== undefined) {
      if (known.fingerprint !== fingerprint) throw conflict(key);
      return known.runId;
    }
    const runId = start();
    if (this.#entries.size >= MAX_KEYS) this.#forgetOldest();
    this.#entries.set(key, { fingerprint, runId, expiresAt: this.#now() + KEY_TTL_MS });
    return runId;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Entries are in the order of their expiry, as all live equally long. */
  #forgetExpired(): void {
    const now = this.#now();
    for (const [key, entry] of this.#entries) {
      if (entry.expiresAt > now) break;
      this.#entries.delete(key);
    }
  }

  #forgetOldest(): void {
    for (const key of this.#entries.keys()) {
      this.#entries.delete(key);
      break;
    }
  }
}

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

function conflict(key: string): CodedError {
  return new CodedError(
    "IDEMPOTENCY_CONFLICT",
    `Cannot start a run with the key "${key}" as a repetition: it came with another input before`,
    { fix: "Send the same body as the first time, or a new Idempotency-Key" },
  );
}
