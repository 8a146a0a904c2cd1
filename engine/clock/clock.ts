/** Where time comes from, so that tests decide when it passes. */
export interface Clock {
  /** Epoch milliseconds. Jumps when somebody sets the machine's clock. */
  now(): number;
  /** Milliseconds that only ever pass, from an arbitrary start: for deadlines. */
  monotonic(): number;
  /** Calls back once after `delayMs`; the returned function cancels and may be called again. */
  after(delayMs: number, callback: () => void): () => void;
}

/** The longest wait that `setTimeout` takes; it fires at once for anything above. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The machine's own clock. Timers keep the process alive until they fire or are cancelled. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, callback) {
    let leftMs = delayMs;
    let id: ReturnType<typeof setTimeout>;
    function arm(): void {
      const stepMs = Math.min(leftMs, MAX_TIMER_MS);
      leftMs -= stepMs;
      id = setTimeout(leftMs > 0 ? arm : callback, stepMs);
    }
    arm();
    return () => clearTimeout(id);
  },
};
