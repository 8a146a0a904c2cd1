import type { Context } from "./context.ts";

interface Wait {
  readonly service: string | undefined;
  readonly untilMs: number;
}

/** Waits that servers asked for, until the same service answers otherwise. Most contexts have none. */
const waits = new WeakMap<Context, Wait>();

const DAY_NAME = /^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[, ]/i;

/**
 * How long a response asks to wait before the next try: `Retry-After` in seconds or as an HTTP date
 * (RFC 9110, section 10.2.3). Never negative; `undefined` without a valid header.
 */
export function retryAfterMs(response: Response, nowMs: number): number | undefined {
  const value = response.headers.get("retry-after")?.trim();
  if (value === undefined) return undefined;
  if (/^\d{1,12}(?:\.\d+)?$/.test(value)) return Math.ceil(Number(value) * 1000);
  if (!DAY_NAME.test(value)) return undefined;
  const at = Date.parse(/ GMT$/i.test(value) ? value : `${value} GMT`);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}

/** Keeps what a 429 or 503 asked for, and forgets it once the same service answers otherwise. */
export function rememberRetryAfter(
  ctx: Context,
  service: string | undefined,
  response: Response,
): void {
  if (response.status === 429 || response.status === 503) {
    const nowMs = Date.now();
    const delayMs = retryAfterMs(response, nowMs);
    if (delayMs !== undefined) waits.set(ctx, { service, untilMs: nowMs + delayMs });
  } else if (waits.get(ctx)?.service === service) {
    waits.delete(ctx);
  }
}

/**
 * What is left of the wait that the last 429 or 503 of this attempt asked for, in milliseconds. A node
 * that throws after such an answer is tried again no sooner. `undefined` when nobody asked for a wait.
 */
export function lastRetryAfterMs(ctx: Context, nowMs: number = Date.now()): number | undefined {
  const wait = waits.get(ctx);
  return wait === undefined ? undefined : Math.max(0, wait.untilMs - nowMs);
}
