/// <reference lib="dom" />
import { useEffect, useMemo, useRef } from "preact/hooks";

/** Calls `act` at most once in so many milliseconds, and once more after the last time it was asked to. */
export function useThrottle(act: () => void, everyMs: number): () => void {
  const latest = useRef(act);
  latest.current = act;
  const throttled = useMemo(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isAsked = false;
    const call = () => {
      if (timer !== undefined) {
        isAsked = true;
        return;
      }
      latest.current();
      timer = setTimeout(() => {
        timer = undefined;
        if (!isAsked) return;
        isAsked = false;
        call();
      }, everyMs);
    };
    return { call, stop: () => clearTimeout(timer) };
  }, [everyMs]);
  useEffect(() => throttled.stop, [throttled]);
  return throttled.call;
}
