/// <reference lib="dom" />
import { useEffect, useState } from "preact/hooks";
import { announce } from "../core/announce.ts";
import { ApiError, call } from "./api.ts";
import type { RunDetails } from "./api_types.ts";
import { connection, follow } from "./live.ts";
import { isOver, RunModel } from "./run_model.ts";

/** A run that is followed. */
export interface FollowedRun {
  readonly model: RunModel | undefined;
  readonly error: ApiError | undefined;
}

/** Asked for again after so long, when nodes have ended: outputs and the critical path. */
const REFRESH_MS = 250;

/** Follows a run as long as the view is there; the view is drawn at most once a frame. */
export function useRun(runId: string): FollowedRun {
  const [state, setState] = useState<FollowedRun & { readonly of: string }>({
    of: runId,
    model: undefined,
    error: undefined,
  });
  useEffect(() => {
    const abort = new AbortController();
    let stop = () => {};
    let frame = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const path = `/runs/${encodeURIComponent(runId)}`;
    setState({ of: runId, model: undefined, error: undefined });

    const begin = async () => {
      const model = new RunModel(await call<RunDetails>(path, { signal: abort.signal }));
      const draw = () => {
        frame ||= requestAnimationFrame(() => {
          frame = 0;
          setState({ of: runId, model, error: undefined });
        });
      };
      const refresh = () => {
        timer ??= setTimeout(() => {
          timer = undefined;
          call<RunDetails>(path, { signal: abort.signal }).then((details) => {
            model.update(details);
            draw();
          }, () => {});
        }, REFRESH_MS);
      };
      draw();
      stop = follow({
        path: () => `${path}/events?after=${model.lastSeq}`,
        on: {
          message: (data) => {
            const before = model.details.status;
            if (model.take(JSON.parse(data))) refresh();
            const { status, workflow } = model.details;
            if (status !== before) announce(`${workflow}: ${status}`);
            // Nothing follows the end: the connection is free for others.
            if (isOver(status) && model.lastSeq >= model.details.lastSeq) stop();
            draw();
          },
        },
        onReopen: refresh,
        onEnd: () => {
          connection.set("live");
          refresh();
        },
      });
      if (isOver(model.details.status)) connection.set("live");
    };
    begin().catch((error) => {
      if (abort.signal.aborted) return;
      const failure = error instanceof ApiError
        ? error
        : new ApiError(0, { message: String(error) });
      setState({ of: runId, model: undefined, error: failure });
    });
    return () => {
      abort.abort();
      clearTimeout(timer);
      cancelAnimationFrame(frame);
      stop();
    };
  }, [runId]);
  return state.of === runId ? state : { model: undefined, error: undefined };
}
