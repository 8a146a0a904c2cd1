import type { Clock } from "../../clock/mod.ts";

/** How long and how many. */
export interface HeldStreamsOptions {
  readonly clock: Clock;
  /** Of one caller. */
  readonly maxStreams: number;
  readonly idleMs: number;
}

/** Whose a stream is, and until when. */
export interface StreamHolder {
  readonly caller: string;
  /** Epoch milliseconds; never when undefined. */
  readonly expiresAt: number | undefined;
}

/**
 * Streams of events that are open. Nothing is read ahead of a client: one that stops reading costs what the system
 * buffers for its connection, and its stream ends when it was idle for too long, or its token has expired.
 */
export class HeldStreams {
  readonly #options: HeldStreamsOptions;
  readonly #open = new Map<string, number>();
  readonly #ends = new Set<() => void>();

  constructor(options: HeldStreamsOptions) {
    this.#options = options;
  }

  /** Streams that are open. */
  get size(): number {
    return this.#ends.size;
  }

  /** Whether a caller may open another one. */
  hasRoom(caller: string): boolean {
    return (this.#open.get(caller) ?? 0) < this.#options.maxStreams;
  }

  /** The same stream, held. */
  hold(
    source: ReadableStream<Uint8Array>,
    { caller, expiresAt }: StreamHolder,
  ): ReadableStream<Uint8Array> {
    const { clock, idleMs } = this.#options;
    const reader = source.getReader();
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
    let isOver = false;
    let stopIdle = (): void => {};
    const release = () => {
      if (isOver) return;
      isOver = true;
      stopIdle();
      stopExpiry();
      this.#ends.delete(end);
      const left = (this.#open.get(caller) ?? 1) - 1;
      if (left === 0) this.#open.delete(caller);
      else this.#open.set(caller, left);
    };
    const end = () => {
      if (isOver) return;
      release();
      controller?.close();
      reader.cancel().catch(() => {});
    };
    const stopExpiry = expiresAt === undefined
      ? () => {}
      : clock.after(Math.max(0, expiresAt - clock.now()), end);
    this.#open.set(caller, (this.#open.get(caller) ?? 0) + 1);
    this.#ends.add(end);
    return new ReadableStream({
      start(own) {
        controller = own;
      },
      async pull(own) {
        stopIdle();
        try {
          const { done, value } = await reader.read();
          if (isOver) return;
          if (done) {
            release();
            own.close();
            return;
          }
          stopIdle = clock.after(idleMs, end);
          own.enqueue(value);
        } catch (error) {
          if (isOver) return;
          release();
          own.error(error);
        }
      },
      cancel(reason) {
        release();
        return reader.cancel(reason);
      },
    }, { highWaterMark: 0 });
  }

  /** Ends all of them. */
  endAll(): void {
    for (const end of [...this.#ends]) end();
  }
}
