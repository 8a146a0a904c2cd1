/** How many writes are under way at once. */
const PARALLEL = 24;

/** Runs writes side by side. The first failure stops everything. */
export class WriteQueue {
  readonly #running = new Map<string, Promise<void>>();
  #failure: { readonly error: unknown } | undefined;

  /** Starts a write when there is room; one of the same path must have `finished`. Throws what an earlier one failed with. */
  async add(path: string, write: () => Promise<void>): Promise<void> {
    while (this.#running.size >= PARALLEL) await Promise.race(this.#running.values());
    this.#check();
    const running = write().catch((error: unknown) => {
      this.#failure ??= { error };
    }).finally(() => this.#running.delete(path));
    this.#running.set(path, running);
  }

  /** Resolves when neither that path nor a folder above it is being written any more. Throws as `add`. */
  async finished(path: string): Promise<void> {
    if (this.#running.size === 0) return this.#check();
    for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) {
      await this.#running.get(path.slice(0, end));
    }
    this.#check();
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
