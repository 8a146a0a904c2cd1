/// <reference lib="dom" />
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { ApiError, call } from "./api.ts";
import type { RunSummary } from "./api_types.ts";
import { useChanges } from "./live.ts";
import { isShown, queryOf, type RunFilter, type RunPage, withRun } from "./run_pages.ts";
import { useThrottle } from "./throttle.ts";

/** A list of runs, as far as it was asked for. */
export interface RunList {
  readonly runs: readonly RunSummary[] | undefined;
  readonly hasMore: boolean;
  readonly error: ApiError | undefined;
  /** Asks for the page that follows. */
  readonly more: () => void;
}

const PAGE = 50;

/** Runs that a filter means, newest first; they change as they do on the server. */
export function useRuns(filter: RunFilter): RunList {
  const key = JSON.stringify(filter);
  const [state, setState] = useState<{
    readonly key: string;
    readonly runs?: readonly RunSummary[];
    readonly next?: string | null;
    readonly error?: ApiError;
  }>({ key });
  const latest = useRef({ state, filter });
  latest.current = { state, filter };
  const isAsking = useRef(false);

  const load = useCallback((signal?: AbortSignal) => {
    const query = queryOf(latest.current.filter, Date.now());
    const kept = latest.current.state.key === key ? latest.current.state.runs?.length ?? 0 : 0;
    const limit = Math.min(1000, Math.max(PAGE, kept));
    call<RunPage>(
      `/runs?limit=${limit}${query === "" ? "" : `&${query}`}`,
      signal ? { signal } : {},
    )
      .then(
        ({ runs, next }) => setState({ key, runs, next }),
        (error) => {
          if (!signal?.aborted && error instanceof ApiError) {
            setState((old) => ({ ...old, key, error }));
          }
        },
      );
  }, [key]);

  useEffect(() => {
    const abort = new AbortController();
    load(abort.signal);
    return () => abort.abort();
  }, [load]);

  const more = useCallback(() => {
    const { state: { next, key: shown }, filter } = latest.current;
    if (!next || isAsking.current || shown !== key) return;
    isAsking.current = true;
    const query = queryOf(filter, Date.now());
    call<RunPage>(`/runs?limit=${PAGE}&before=${next}${query === "" ? "" : `&${query}`}`).then(
      (page) =>
        setState((old) => {
          if (old.key !== key) return old;
          const known = new Set(old.runs?.map(({ runId }) => runId));
          const fresh = page.runs.filter(({ runId }) => !known.has(runId));
          return { key, runs: [...old.runs ?? [], ...fresh], next: page.next };
        }),
      (error) => {
        if (error instanceof ApiError) setState((old) => ({ ...old, error }));
      },
    ).finally(() => isAsking.current = false);
  }, [key]);

  const reload = useThrottle(() => load(), 1000);
  useChanges({
    onRun: (run) =>
      setState((old) => {
        if (old.runs === undefined || old.key !== JSON.stringify(latest.current.filter)) return old;
        const isMeant = isShown(run, latest.current.filter, Date.now());
        return { ...old, runs: withRun(old.runs, run, isMeant) };
      }),
    onReset: reload,
  });
  const isCurrent = state.key === key;
  return {
    runs: isCurrent ? state.runs : undefined,
    hasMore: isCurrent && Boolean(state.next),
    error: isCurrent ? state.error : undefined,
    more,
  };
}
