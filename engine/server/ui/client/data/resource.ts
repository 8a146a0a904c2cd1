/// <reference lib="dom" />
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { ApiError, call } from "./api.ts";

/** What was asked for, as far as it is known. */
export interface Resource<T> {
  /** The last good answer for this path. */
  readonly data: T | undefined;
  /** Why the last try went wrong. */
  readonly error: ApiError | undefined;
  /** Asks again; what is shown stays meanwhile. */
  readonly reload: () => void;
}

/** Asks the API for `path`, again whenever it changes; nothing for `undefined`. */
export function useResource<T>(path: string | undefined): Resource<T> {
  const [state, setState] = useState<
    { path: string | undefined; data?: T | undefined; error?: ApiError | undefined }
  >({ path });
  const [turn, setTurn] = useState(0);
  const known = useRef(state);
  known.current = state;
  useEffect(() => {
    if (path === undefined) return;
    const abort = new AbortController();
    call<T>(path, { signal: abort.signal }).then(
      (data) => setState({ path, data }),
      (error) => {
        if (abort.signal.aborted) return;
        const { path: shown, data } = known.current;
        const failure = error instanceof ApiError
          ? error
          : new ApiError(0, { message: String(error) });
        setState({ path, data: shown === path ? data : undefined, error: failure });
      },
    );
    return () => abort.abort();
  }, [path, turn]);
  const reload = useCallback(() => setTurn((turn) => turn + 1), []);
  const isCurrent = state.path === path;
  return {
    data: isCurrent ? state.data : undefined,
    error: isCurrent ? state.error : undefined,
    reload,
  };
}
