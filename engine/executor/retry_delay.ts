import type { RetryPolicy } from "../spec/mod.ts";
import type { RetryAdvice } from "./node_runner.ts";

/** The longest wait that an error may ask for (`Retry-After`, `RetryableError({ after })`). */
export const MAX_ADVISED_DELAY_MS = 3_600_000;

/**
 * Whole milliseconds to wait after the given number of failures: what the error asks for, up to an
 * hour, else the policy's interval, which grows by its factor up to its cap and, with jitter, is drawn
 * evenly between 0 and that.
 *
 * @param random Even in [0, 1).
 */
export function retryDelayMs(
  policy: RetryPolicy,
  failures: number,
  advice: RetryAdvice,
  random: () => number,
): number {
  if (advice.kind === "after" && !Number.isNaN(advice.delayMs)) {
    return Math.ceil(Math.min(Math.max(0, advice.delayMs), MAX_ADVISED_DELAY_MS));
  }
  // 0 × ∞ is no number: a first interval of 0 stays 0.
  const grownMs = policy.initialIntervalMs * policy.backoff ** (failures - 1) || 0;
  const intervalMs = Math.min(grownMs, policy.maxIntervalMs);
  return Math.round(policy.jitter ? random() * intervalMs : intervalMs);
}
