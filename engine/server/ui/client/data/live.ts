/// <reference lib="dom" />
import { useEffect, useRef } from "preact/hooks";
import { createStore } from "../core/store.ts";
import { API, call } from "./api.ts";
import type { RunSummary } from "./api_types.ts";

/** How the page hears of changes now. */
export type Connection = "idle" | "connecting" | "live" | "lost";

/** Of the stream that the page follows. */
export const connection = createStore<Connection>("idle");

/** What a stream tells. */
export interface StreamHandlers {
  /** Where to begin, when it is opened anew: the browser itself goes on behind the last event that it saw. */
  path(): string;
  readonly on: { readonly [event: string]: (data: string) => void };
  /** After it was away: what happened meanwhile has to be asked for. */
  onReopen?(): void;
  /** The server has said that nothing more will come. */
  onEnd?(): void;
}

const FIRST_RETRY_MS = 1000;
const MAX_RETRY_MS = 15_000;
/** So long a stream may be away before somebody is told. */
const GAP_MS = 1500;

/**
 * Follows a stream of server-sent events. A browser has few connections to one server: a page that nobody sees gives
 * its own back. The returned function ends it.
 */
export function follow(handlers: StreamHandlers): () => void {
  let source: EventSource | undefined;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  let lostTimer: ReturnType<typeof setTimeout> | undefined;
  let retryMs = FIRST_RETRY_MS;
  let wasOpen = false;
  let isEnded = false;

  function open(): void {
    if (isEnded || source !== undefined) return;
    const own = source = new EventSource(API + handlers.path());
    own.onopen = () => {
      retryMs = FIRST_RETRY_MS;
      clearTimeout(lostTimer);
      lostTimer = undefined;
      connection.set("live");
      if (wasOpen) handlers.onReopen?.();
      wasOpen = true;
    };
    for (const [name, take] of Object.entries(handlers.on)) {
      own.addEventListener(name, (event) => take((event as MessageEvent<string>).data));
    }
    own.onerror = () => {
      if (own !== source) return;
      if (own.readyState === EventSource.CLOSED) {
        source = undefined;
        void refused();
        return;
      }
      // It is trying again by itself; a short gap is nobody's business.
      lostTimer ??= setTimeout(() => connection.set("lost"), GAP_MS);
    };
  }

  /** An answer that is no stream: the end, a token that has expired, or a server that cannot now. */
  async function refused(): Promise<void> {
    if (handlers.onEnd !== undefined && wasOpen && connection.get() === "live") {
      isEnded = true;
      handlers.onEnd();
      return;
    }
    connection.set("lost");
    try {
      // Says whether it is the token: then the page asks for another one.
      await call("/workflows?runs=0");
    } catch { /* Seen by the session, or tried again. */ }
    if (isEnded) return;
    clearTimeout(retryTimer);
    retryTimer = setTimeout(open, retryMs);
    retryMs = Math.min(MAX_RETRY_MS, retryMs * 2);
  }

  function close(): void {
    clearTimeout(retryTimer);
    clearTimeout(lostTimer);
    lostTimer = undefined;
    source?.close();
    source = undefined;
  }

  const onVisibility = () => document.hidden ? close() : open();
  document.addEventListener("visibilitychange", onVisibility);
  // From one view to the next nothing flickers.
  if (connection.get() === "idle") connection.set("connecting");
  if (!document.hidden) open();
  return () => {
    isEnded = true;
    document.removeEventListener("visibilitychange", onVisibility);
    close();
  };
}

/** What a view does when something changes on the server. */
export interface ChangeHandlers {
  /** A run was accepted, began or ended. */
  onRun?(run: RunSummary): void;
  /** Whatever else may have changed: everything is to be asked for again. */
  onReset(): void;
}

/** Follows changes of all runs as long as the view is there. */
export function useChanges(handlers: ChangeHandlers): void {
  const latest = useRef(handlers);
  latest.current = handlers;
  useEffect(() =>
    follow({
      path: () => "/events",
      on: {
        run: (data) => latest.current.onRun?.(JSON.parse(data)),
        workflows: () => latest.current.onReset(),
        reset: () => latest.current.onReset(),
      },
      onReopen: () => latest.current.onReset(),
    }), []);
}
