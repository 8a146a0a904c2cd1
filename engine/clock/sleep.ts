import type { Clock } from "./clock.ts";

/** Resolves to `true` after `delayMs`, or to `false` as soon as `signal` aborts. Never rejects. */
export function sleep(delayMs: number, clock: Clock, signal?: AbortSignal): Promise<boolean> {
  if (signal?.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const cancel = clock.after(delayMs, () => {
      signal?.removeEventListener("abort", onAbort);
      resolve(true);
    });
    function onAbort(): void {
      cancel();
      resolve(false);
    }
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
