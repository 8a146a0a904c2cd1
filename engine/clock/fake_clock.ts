import type { Clock } from "./clock.ts";

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** A clock that stands still until a test advances it. Timers fire in the order of their due time. */
export class FakeClock implements Clock {
  #now: number;
  #timers: Timer[] = [];

  constructor(startMs = 0) {
    this.#now = startMs;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { at: this.#now + delayMs, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** How many timers wait. */
  get pending(): number {
    return this.#timers.length;
  }

  /** Milliseconds until the next timer, or `undefined` when none waits. */
  get nextInMs(): number | undefined {
    if (this.#timers.length === 0) return undefined;
    return Math.min(...this.#timers.map((timer) => timer.at)) - this.#now;
  }

  /** Moves time on, firing what falls due, and lets promises settle after each timer. */
  async advance(byMs: number): Promise<void> {
    const until = this.#now + byMs;
    for (;;) {
      await settle();
      const due = this.#timers.filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers = this.#timers.filter((other) => other !== due);
      this.#now = due.at;
      due.callback();
    }
    this.#now = until;
    await settle();
  }
}

/** Lets every promise that can settle do so, with what waits for the next turns of the event loop. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) {
    for (let i = 0; i < 50; i++) await Promise.resolve();
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  for (let i = 0; i < 50; i++) await Promise.resolve();
}
