/** Under what name whatever is beyond the limit is counted together. */
export const OTHERS = "(other)";

/** Figures by name, for a bounded number of names: labels of a metric must not grow without end. */
export class CappedMap<T> implements Iterable<readonly [string, T]> {
  readonly #entries = new Map<string, T>();
  readonly #maxNames: number;
  readonly #create: () => T;

  constructor(maxNames: number, create: () => T) {
    this.#maxNames = maxNames;
    this.#create = create;
  }

  /** How many names have figures, the common one of all others among them. */
  get size(): number {
    return this.#entries.size;
  }

  /** The figures of that name, or those that all further names share. */
  get(name: string): T {
    const known = this.#entries.get(name);
    if (known !== undefined) return known;
    if (this.#entries.size >= this.#maxNames && name !== OTHERS) return this.get(OTHERS);
    const fresh = this.#create();
    this.#entries.set(name, fresh);
    return fresh;
  }

  [Symbol.iterator](): Iterator<readonly [string, T]> {
    return this.#entries.entries();
  }
}
