import type { RunEvent } from "../executor/mod.ts";

/** The events of one run as they may be seen: redacted and stored. Readers see the same objects in the same order. */
export class RunLog {
  readonly #events: RunEvent[];
  #waiters: Set<() => void> | undefined;
  #closed = false;

  /** @param before Events of before the run was taken up again. */
  constructor(before: readonly RunEvent[] = []) {
    this.#events = [...before];
  }

  /** Adds events that follow on the last one. */
  push(events: readonly RunEvent[]): void {
    for (const event of events) this.#events.push(event);
    this.#wake();
  }

  /** No event follows here. */
  close(): void {
    this.#closed = true;
    this.#wake();
  }

  /** Events with a higher number than `seq`, at most `limit` of them. */
  after(seq: number, limit = Infinity): readonly RunEvent[] {
    const from = Math.max(0, seq);
    return this.#events.slice(from, from + limit);
  }

  /** Resolves when there are events after `seq`, at the end, and on abort. */
  changed(seq: number, signal?: AbortSignal): Promise<void> {
    if (this.#events.length > seq || this.#closed || signal?.aborted) return Promise.resolve();
    const waiters = this.#waiters ??= new Set();
    return new Promise((resolve) => {
      function wake(): void {
        signal?.removeEventListener("abort", wake);
        waiters.delete(wake);
        resolve();
      }
      waiters.add(wake);
      signal?.addEventListener("abort", wake, { once: true });
    });
  }

  /** Events after `seq`, then each as it comes, until the end or an abort. */
  async *follow(seq: number, signal?: AbortSignal): AsyncGenerator<RunEvent> {
    let at = Math.max(0, seq);
    while (!signal?.aborted) {
      const event = this.#events[at];
      if (event !== undefined) {
        at = event.seq;
        yield event;
      } else if (this.#closed) {
        return;
      } else {
        await this.changed(at, signal);
      }
    }
  }

  #wake(): void {
    if (this.#waiters === undefined) return;
    for (const wake of [...this.#waiters]) wake();
  }
}
