import type { ExistingKey } from "./accepted.ts";
import type { StartOptions } from "./run.ts";

/** Keys remembered at once; the oldest give way. */
const MAX_KEYS = 10_000;

interface Entry {
  readonly runId: string;
  readonly fingerprint: string | undefined;
  readonly expiresAt: number;
}

/**
 * The idempotency keys that this engine has accepted lately. The storage knows them all; this answers a
 * repetition without asking it, also when the queue is full and a new run would be refused.
 */
export class AcceptedKeys {
  readonly #entries = new Map<string, Entry>();

  /** The run of a key, when it is known here and has not expired at `now`. */
  get(asked: StartOptions["idempotency"], now: number): ExistingKey | undefined {
    if (asked === undefined) return undefined;
    const { scope, key, fingerprint } = asked;
    const entry = this.#entries.get(`${scope}\n${key}`);
    if (entry === undefined || entry.expiresAt <= now) return undefined;
    return { key, runId: entry.runId, sameFingerprint: entry.fingerprint === fingerprint };
  }

  /** Remembers what came of a key. */
  set(
    asked: StartOptions["idempotency"],
    { runId, now }: { readonly runId: string; readonly now: number },
  ): void {
    if (asked === undefined) return;
    const { scope, key, ttlMs, fingerprint } = asked;
    if (this.#entries.size >= MAX_KEYS) {
      for (const oldest of this.#entries.keys()) {
        this.#entries.delete(oldest);
        break;
      }
    }
    this.#entries.set(`${scope}\n${key}`, { runId, fingerprint, expiresAt: now + ttlMs });
  }
}
