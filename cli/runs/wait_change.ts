import { systemClock } from "../../engine/clock/mod.ts";
import type { Storage } from "../../engine/storage/mod.ts";

/** The storage tells of changes; this is for one that went unnoticed, and for engines that died. */
const LOOK_AGAIN_MS = 1_000;

/**
 * Changes of one run, whichever engine makes them. `next` resolves when something may have changed since
 * the last call, so whoever looks between two calls misses nothing.
 */
export class ChangeWatch implements Disposable {
  readonly #stop: () => void;
  #hasChanged = false;
  #wake = (): void => {};

  constructor(storage: Pick<Storage, "onChange">, runId: string, signal?: AbortSignal) {
    const wake = () => {
      this.#hasChanged = true;
      this.#wake();
    };
    const unlisten = storage.onChange((changed) => changed === runId && wake());
    signal?.addEventListener("abort", wake);
    this.#stop = () => {
      unlisten();
      signal?.removeEventListener("abort", wake);
    };
  }

  async next(): Promise<void> {
    if (!this.#hasChanged) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const disarm = systemClock.after(LOOK_AGAIN_MS, resolve);
      this.#wake = resolve;
      await promise;
      disarm();
    }
    this.#hasChanged = false;
  }

  [Symbol.dispose](): void {
    this.#stop();
  }
}
