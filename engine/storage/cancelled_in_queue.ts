import type { RunEvent } from "../executor/mod.ts";
import type { RunUpdate } from "./records.ts";

/** How a run ends that is cancelled while it waits and no engine is there to do it: its event, and what it changes. */
export function cancelledInQueue(
  run: { readonly runId: string; readonly lastSeq: number },
  at: number,
): { readonly event: RunEvent; readonly update: Required<Omit<RunUpdate, "startedAt">> } {
  const code = "RUN_CANCELLED";
  const message =
    `Cannot start run "${run.runId}" as it was cancelled: it was waiting for its turn`;
  const event: RunEvent = {
    runId: run.runId,
    seq: run.lastSeq + 1,
    at,
    kind: "run.cancelled",
    durationMs: 0,
    error: { code, message },
  };
  return {
    event,
    update: { status: "cancelled", completedAt: at, error: `${code}: ${message}` },
  };
}
