import type { Created, NewRun } from "../records.ts";

/** Keys remembered at once; the oldest give way. */
const MAX_KEYS = 10_000;

interface Known {
  readonly runId: string;
  readonly fingerprint: string | undefined;
  readonly expiresAt: number;
}

/** Which run each idempotency key stands for. */
export class Keys {
  readonly #known = new Map<string, Known>();

  /** The run that has this run's key, unless the key's time is over. */
  taken(run: NewRun, now: number): Created | undefined {
    if (run.idempotency === undefined) return undefined;
    const known = this.#known.get(keyOf(run));
    if (known === undefined || known.expiresAt <= now) return undefined;
    const sameFingerprint = known.fingerprint === run.idempotency.fingerprint;
    return { status: "exists", runId: known.runId, sameFingerprint };
  }

  take(run: NewRun): void {
    if (run.idempotency === undefined) return;
    const { fingerprint, expiresAt } = run.idempotency;
    const key = keyOf(run);
    this.#known.delete(key);
    this.#known.set(key, { runId: run.runId, fingerprint, expiresAt });
    if (this.#known.size <= MAX_KEYS) return;
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest);
      break;
    }
  }

  deleteExpired(now: number): void {
    for (const [key, { expiresAt }] of this.#known) {
      if (expiresAt <= now) this.#known.delete(key);
    }
  }
}

function keyOf({ workflowKey, idempotency }: NewRun): string {
  return JSON.stringify([workflowKey, idempotency?.scope, idempotency?.key]);
}
