/** How many lines may be written: `perSecond` on average, `burst` at once. */
export interface LineRate {
  readonly perSecond: number;
  readonly burst: number;
}

/** Lets so many lines through, and counts the rest. */
export class LineBudget {
  readonly #rate: LineRate;
  #left: number;
  #filledAt: number | undefined;
  #dropped = 0;

  constructor(rate: LineRate) {
    this.#rate = rate;
    this.#left = rate.burst;
  }

  /** Whether a line of that moment, in epoch milliseconds, may be written. */
  take(at: number): boolean {
    const elapsedMs = Math.max(0, at - (this.#filledAt ?? at));
    this.#filledAt = at;
    const { perSecond, burst } = this.#rate;
    this.#left = Math.min(burst, this.#left + elapsedMs * perSecond / 1000);
    if (this.#left < 1) {
      this.#dropped++;
      return false;
    }
    this.#left--;
    return true;
  }

  /** Lines that were not let through since the last call. */
  takeDropped(): number {
    const dropped = this.#dropped;
    this.#dropped = 0;
    return dropped;
  }
}
