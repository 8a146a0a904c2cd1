import { type Clock, sleep } from "../../clock/mod.ts";

/** How much of a second's worth may go at once after a pause. */
const BURST_SHARE = 1 / 20;

/**
 * Lets so many pass per second, in the order they ask. A token bucket that holds one token, or a twentieth of
 * a second's, kept as the moment at which it is full again (the generic cell rate algorithm of ITU-T I.371).
 */
export class RateLimit {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #burstMs: number;
  #fullAt = -Infinity;

  constructor(perSecond: number, clock: Clock) {
    this.#clock = clock;
    this.#intervalMs = 1_000 / perSecond;
    this.#burstMs = this.#intervalMs * (Math.max(1, Math.floor(perSecond * BURST_SHARE)) - 1);
  }

  /** Resolves to `true` when its turn has come, to `false` when `signal` aborts before. */
  take(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false);
    const now = this.#clock.monotonic();
    const waitMs = this.#fullAt - this.#burstMs - now;
    this.#fullAt = Math.max(this.#fullAt, now) + this.#intervalMs;
    return waitMs <= 0 ? Promise.resolve(true) : sleep(waitMs, this.#clock, signal);
  }
}
