import { type Clock, sleep } from "../clock/mod.ts";

/** How something that runs can be asked to end. */
export interface Ending {
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly graceMs: number;
  /** Asks the program to end; its failure does not matter, as force comes next. */
  terminate(): Promise<void>;
}

/**
 * Resolves when `ended` does. An abort asks the program to end and gives it `graceMs` for that; then it rejects
 * with the signal's reason, whether the program has ended or is still to be killed.
 */
export async function untilEnded(ended: Promise<unknown>, ending: Ending): Promise<void> {
  const { signal } = ending;
  if (!await isAbortedFirst(ended, signal)) return;
  const asked = ending.terminate().catch(() => {});
  await settledWithin(ended, ending.graceMs, ending.clock);
  await asked;
  throw signal.reason;
}

/** Whether it settled in time. */
export async function settledWithin(
  promise: Promise<unknown>,
  limitMs: number,
  clock: Clock,
): Promise<boolean> {
  const settled = new AbortController();
  const isOver = promise.then(() => settled.abort(), () => settled.abort());
  const ranOut = await sleep(limitMs, clock, settled.signal);
  if (!ranOut) await isOver;
  return !ranOut;
}

function isAbortedFirst(ended: Promise<unknown>, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve, reject) => {
    function onAbort(): void {
      resolve(true);
    }
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    ended.then(() => resolve(false), reject).finally(() => {
      signal.removeEventListener("abort", onAbort);
    });
  });
}
