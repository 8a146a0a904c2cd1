import { orAborted } from "../programs/mod.ts";

interface Waiting {
  readonly group: string;
  admit(): void;
}

/**
 * Lets in as many of one group as like to come, and others only when those are out. Whoever comes later waits
 * behind who waits already, so that no group is kept out for ever.
 */
export class Turns {
  #group: string | undefined;
  #inside = 0;
  #waiting: Waiting[] = [];

  /** Resolves to the way out, to be called once. Rejects with the reason of `signal` when that aborts before. */
  async take(group: string, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#waiting.length > 0 || !this.#mayEnter(group)) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const waiting: Waiting = { group, admit: resolve };
      this.#waiting.push(waiting);
      try {
        await orAborted(promise, signal);
      } catch (error) {
        if (this.#waiting.includes(waiting)) {
          this.#waiting = this.#waiting.filter((other) => other !== waiting);
          this.#admit();
        } else this.#leave();
        throw error;
      }
    } else this.#enter(group);
    let isOut = false;
    return () => {
      if (!isOut) this.#leave();
      isOut = true;
    };
  }

  #mayEnter(group: string): boolean {
    return this.#inside === 0 || this.#group === group;
  }

  #enter(group: string): void {
    this.#group = group;
    this.#inside++;
  }

  #leave(): void {
    this.#inside--;
    this.#admit();
  }

  #admit(): void {
    for (;;) {
      const next = this.#waiting[0];
      if (next === undefined || !this.#mayEnter(next.group)) return;
      this.#waiting.shift();
      this.#enter(next.group);
      next.admit();
    }
  }
}
