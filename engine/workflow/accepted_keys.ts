/** Keys remembered at once; the oldest give way. */
const MAX_KEYS = 10_000;

interface Entry {
  readonly runId: string;
  readonly fingerprint: string | undefined;
  readonly expiresAt: number;
}

/** Which run came of a key. */
export interface KnownKey {
  readonly runId: string;
  readonly sameFingerprint: boolean;
}

/**
 * The idempotency keys that this engine has seen lately. The storage knows them all; this answers a
 * repetition without asking it, also when the queue is full and a new run would be refused.
 */
export class AcceptedKeys {
  readonly #entries = new Map<string, Entry>();

  /** The run of a key, when it is known here and has not expired. */
  get(
    scope: string,
    key: string,
    asked: { readonly now: number; readonly fingerprint: string | undefined },
  ): KnownKey | undefined {
    const id = `${scope}\n${key}`;
    const entry = this.#entries.get(id);
    if (entry === undefined) return undefined;
    if (entry.expiresAt <= asked.now) {
      this.#entries.delete(id);
      return undefined;
    }
    return { runId: entry.runId, sameFingerprint: entry.fingerprint === asked.fingerprint };
  }

  /** Remembers what came of a key. */
  set(scope: string, key: string, entry: Entry): void {
    if (this.#entries.size >= MAX_KEYS) {
      for (const oldest of this.#entries.keys()) {
        this.#entries.delete(oldest);
        break;
      }
    }
    this.#entries.set(`${scope}\n${key}`, entry);
  }
}
