/** So long nothing else of this process is served. */
const SLICE_MS = 4;
/** A call that takes longer waits for a disk or a network, or for its turn on a busy machine. */
const SLOW_MS = 8;
/** What a slow call weighs against quick ones, and from which weight on it is no chance. */
const SLOW_WEIGHT = 16;
const SLOW_LIMIT = 48;

/**
 * How much of a walk is done at once. A call that waits costs far more than the reading of a small file, so files
 * are read without waiting, in slices of a few milliseconds; where reads take longer than
 * that, as on a file system of a network, all further ones wait side by side.
 */
export class Pace {
  #slowness = 0;
  #sliceEnd = 0;

  /** Whether calls take long, so that further ones had better not hold up everything else. */
  get isSlow(): boolean {
    return this.#slowness >= SLOW_LIMIT;
  }

  /** Calls `work`, which must not take long, and notes when it does. */
  do<T>(work: () => T): T {
    const startedAt = performance.now();
    try {
      return work();
    } finally {
      const isSlow = performance.now() - startedAt > SLOW_MS;
      this.#slowness = Math.max(0, this.#slowness + (isSlow ? SLOW_WEIGHT : -1));
    }
  }

  /** To be called between pieces: lets others in when the slice is over. */
  rest(): Promise<void> | undefined {
    if (performance.now() < this.#sliceEnd) return undefined;
    return this.#letOthersIn();
  }

  async #letOthersIn(): Promise<void> {
    await new Promise<void>((resolve) => setTimeout(resolve));
    this.#sliceEnd = performance.now() + SLICE_MS;
  }
}
