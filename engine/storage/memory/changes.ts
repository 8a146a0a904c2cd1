/** Tells listeners of new events. */
export class Changes {
  readonly #listeners = new Set<(runId: string) => void>();

  listen(listener: (runId: string) => void): () => void {
    // A function may listen twice: each gets an entry of its own.
    const entry = (runId: string) => listener(runId);
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  notify(runId: string): void {
    for (const listener of [...this.#listeners]) listener(runId);
  }

  close(): void {
    this.#listeners.clear();
  }
}
