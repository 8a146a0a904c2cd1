import type { Clock } from "../clock/mod.ts";

/** Whether `work` is done in time; it goes on in any case. */
export function within(delayMs: number, work: Promise<void>, clock: Clock): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const stop = clock.after(delayMs, () => resolve(false));
    work.then(() => {
      stop();
      resolve(true);
    }, reject);
  });
}
