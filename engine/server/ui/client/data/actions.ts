/// <reference lib="dom" />
import { notify } from "../core/announce.ts";
import { navigate } from "../core/router.ts";
import { ApiError, call } from "./api.ts";

/** What a start answers. */
export interface StartedRun {
  readonly runId: string;
}

/** Does something, and tells when it cannot be done. Gives whether it was. */
export async function attempt(act: () => Promise<unknown>, done?: string): Promise<boolean> {
  try {
    await act();
    if (done !== undefined) notify({ kind: "done", text: done });
    return true;
  } catch (error) {
    const { message, fix } = error instanceof ApiError
      ? error
      : new ApiError(0, { message: String(error) });
    notify({ kind: "failed", text: message, fix: fix ?? undefined });
    return false;
  }
}

/** Ends a run. */
export function cancelRun(runId: string): Promise<boolean> {
  return attempt(
    () => call(`/runs/${encodeURIComponent(runId)}/cancel`, { method: "POST" }),
    "The run is being cancelled",
  );
}

/** Goes on with a run whose engine has ended. */
export function resumeRun(runId: string): Promise<boolean> {
  return attempt(
    () => call(`/runs/${encodeURIComponent(runId)}/resume`, { method: "POST" }),
    "The run goes on",
  );
}

/** Runs again, from a node if there is one, and shows the new run. */
export function retryRun(runId: string, from?: string): Promise<boolean> {
  return attempt(async () => {
    const { runId: next } = await call<StartedRun>(`/runs/${encodeURIComponent(runId)}/retry`, {
      method: "POST",
      body: from === undefined ? {} : { from },
    });
    navigate(`/ui/runs/${next}`);
  }, from === undefined ? "Running again" : `Running again from ${from}`);
}
