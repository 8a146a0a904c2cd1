import type { Idempotency, KeyedRun, NewRun } from "../records.ts";

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

  /** The run that has a key, unless the key's time is over. */
  find(workflowKey: string, key: AskedKey, now: number): KeyedRun | undefined {
    const known = this.#known.get(textOf(workflowKey, key));
    if (known === undefined || known.expiresAt <= now) return undefined;
    return { runId: known.runId, sameFingerprint: known.fingerprint === key.fingerprint };
  }

  take(run: NewRun): void {
    if (run.idempotency === undefined) return;
    const { fingerprint, expiresAt } = run.idempotency;
    const key = textOf(run.workflowKey, run.idempotency);
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

type AskedKey = Pick<Idempotency, "scope" | "key" | "fingerprint">;

function textOf(workflowKey: string, { scope, key }: AskedKey): string {
  return JSON.stringify([workflowKey, scope, key]);
}
