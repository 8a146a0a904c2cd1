import type { ExistingKey } from "./accepted.ts";
import type { StartOptions } from "./run.ts";

/** Keys remembered at once; the oldest give way. */
const MAX_KEYS = 10_000;

type AskedKey = NonNullable<StartOptions["idempotency"]>;

interface Entry {
  readonly runId: string;
  readonly fingerprint: string | undefined;
  readonly expiresAt: number;
}

/**
 * The idempotency keys that this engine has accepted lately, or is accepting. The storage knows them all; this
 * answers a repetition without asking it, also when a new run would be refused.
 */
export class AcceptedKeys {
  readonly #entries = new Map<string, Entry>();
  readonly #entering = new Map<string, Promise<unknown>>();

  /**
   * The run of a key, when it is known here and has not expired; else what `accept` comes to. Whoever asks for
   * the same key meanwhile waits for that.
   */
  async once<T>(
    asked: AskedKey,
    { now, known, accept }: {
      readonly now: () => number;
      readonly known: (existing: ExistingKey) => Promise<T>;
      readonly accept: () => Promise<T>;
    },
  ): Promise<T> {
    const name = nameOf(asked);
    for (;;) {
      const existing = this.#get(asked, now());
      if (existing !== undefined) return await known(existing);
      const entering = this.#entering.get(name);
      if (entering === undefined) break;
      // Where that comes to nothing nobody waits for the next one, as a storage may take seconds to say no.
      if (await entering.then(() => false, () => true)) break;
    }
    const accepting = accept();
    this.#entering.set(name, accepting);
    try {
      return await accepting;
    } finally {
      if (this.#entering.get(name) === accepting) this.#entering.delete(name);
    }
  }

  /** Remembers what came of a key. */
  set(asked: AskedKey | undefined, { runId, now }: { runId: string; now: number }): void {
    if (asked === undefined) return;
    if (this.#entries.size >= MAX_KEYS) {
      for (const oldest of this.#entries.keys()) {
        this.#entries.delete(oldest);
        break;
      }
    }
    const { ttlMs, fingerprint } = asked;
    this.#entries.set(nameOf(asked), { runId, fingerprint, expiresAt: now + ttlMs });
  }

  #get(asked: AskedKey, now: number): ExistingKey | undefined {
    const entry = this.#entries.get(nameOf(asked));
    if (entry === undefined || entry.expiresAt <= now) return undefined;
    const { key, fingerprint } = asked;
    return { key, runId: entry.runId, sameFingerprint: entry.fingerprint === fingerprint };
  }
}

function nameOf({ scope, key }: AskedKey): string {
  return `${scope}\n${key}`;
}
