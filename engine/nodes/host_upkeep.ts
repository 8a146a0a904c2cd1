import type { PooledHost } from "./pooled_host.ts";

const PERIOD_MS = 1_000;
/** A host that is not ready, or that does not begin a call though it has nothing else to do, is stuck. */
const START_TIMEOUT_MS = 30_000;
const STUCK_AFTER_MS = 2_000;
/** A host beyond the first is closed when it had nothing to do for this long. */
const IDLE_AFTER_MS = 10_000;

/** What of a host tells whether it hangs or has nothing to do. */
export type WatchedHost = Pick<
  PooledHost,
  "begun" | "waiting" | "isIdle" | "isReady" | "isOpen" | "isDying" | "lastUsedAt" | "kill"
>;

/**
 * Looks after the hosts of a pool, once a second, until it is disposed. Does not keep the process
 * alive.
 */
export class HostUpkeep implements Disposable {
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(hosts: Iterable<WatchedHost>, { lastIdleMs }: { readonly lastIdleMs: number }) {
    this.#timer = setInterval(
      () => killOverdue(hosts, { nowMs: performance.now(), lastIdleMs }),
      PERIOD_MS,
    );
    Deno.unrefTimer(this.#timer);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

/**
 * Kills the hosts that hang, and one of those that have nothing to do. The last one that can take a call stays,
 * unless it had nothing to do for `lastIdleMs`.
 */
export function killOverdue(
  hosts: Iterable<WatchedHost>,
  { nowMs, lastIdleMs }: { readonly nowMs: number; readonly lastIdleMs: number },
): void {
  let serving = 0;
  let idle: WatchedHost | undefined;
  for (const host of hosts) {
    if (host.isDying) continue;
    const quietMs = nowMs - host.lastUsedAt;
    if (!host.isReady) {
      if (quietMs > START_TIMEOUT_MS && host.begun.size === 0) {
        host.kill({ kind: "crashed", state: "it was not ready in time" });
      }
      continue;
    }
    if (!host.isOpen) continue;
    serving++;
    if (host.isIdle && quietMs > Math.min(IDLE_AFTER_MS, lastIdleMs)) idle = host;
    else if (host.waiting !== undefined && host.begun.size === 0 && quietMs > STUCK_AFTER_MS) {
      host.kill({ kind: "crashed", state: "it hung" });
    }
  }
  if (idle === undefined) return;
  if (serving > 1 || nowMs - idle.lastUsedAt > lastIdleMs) idle.kill();
}
