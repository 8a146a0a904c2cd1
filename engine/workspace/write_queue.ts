/** How many writes are under way at once. */
const PARALLEL = 24;

/** Runs writes side by side, but two of one path one after the other. The first failure stops everything. */
export class WriteQueue {
  readonly #running = new Map<string, Promise<void>>();
  #failure: { readonly error: unknown } | undefined;

  /** Starts a write when there is room. Throws what an earlier one failed with. */
  async add(path: string, write: () => Promise<void>): Promise<void> {
    const before = this.#running.get(path);
    if (before !== undefined) await before;
    while (this.#running.size >= PARALLEL) await Promise.race(this.#running.values());
    this.#check();
    const running = write().catch((error: unknown) => {
      this.#failure ??= { error };
    }).finally(() => this.#running.delete(path));
    this.#running.set(path, running);
  }

  /** Resolves when nothing is under way. Throws what a write failed with. */
  async settled(): Promise<void> {
    if (this.#running.size > 0) await Promise.all(this.#running.values());
    this.#check();
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
