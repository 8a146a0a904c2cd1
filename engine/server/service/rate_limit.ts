import type { Clock } from "../../clock/mod.ts";

/** Callers that are remembered; the one that was silent for longest is forgotten first. */
const MAX_CALLERS = 10_000;
/** Sums of fractions are off by less. */
const ROUNDING = 1e-9;

/** How much a caller may take. */
export interface Rate {
  readonly perSecond: number;
  /** What may be taken at once after a pause. */
  readonly burst: number;
}

interface Bucket {
  left: number;
  at: number;
}

/** Counts what callers take, a token bucket for each. Memory is bounded however many there are. */
export class RateLimit {
  readonly #rate: Rate;
  readonly #clock: Clock;
  readonly #buckets = new Map<string, Bucket>();

  constructor(rate: Rate, clock: Clock) {
    this.#rate = rate;
    this.#clock = clock;
  }

  /** Takes one. Gives 0, or after how many milliseconds there will be one. */
  take(caller: string): number {
    const { perSecond, burst } = this.#rate;
    const now = this.#clock.monotonic();
    const known = this.#buckets.get(caller);
    const bucket = known ?? { left: burst, at: now };
    bucket.left = Math.min(burst, bucket.left + (now - bucket.at) / 1000 * perSecond);
    bucket.at = now;
    // The last one of the map is the one that came last.
    if (known !== undefined) this.#buckets.delete(caller);
    this.#buckets.set(caller, bucket);
    if (this.#buckets.size > MAX_CALLERS) this.#forgetOldest();
    const missing = 1 - bucket.left - ROUNDING;
    if (missing > 0) return Math.ceil(missing / perSecond * 1000);
    bucket.left--;
    return 0;
  }

  /** Callers that are remembered. */
  get size(): number {
    return this.#buckets.size;
  }

  #forgetOldest(): void {
    for (const caller of this.#buckets.keys()) {
      this.#buckets.delete(caller);
      return;
    }
  }
}
