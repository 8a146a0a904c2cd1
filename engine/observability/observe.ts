import type { RunEvent } from "../executor/mod.ts";
import type { EventLog } from "./event_log.ts";
import type { RunTally } from "./run_tally.ts";
import type { RunDescription, Tracing } from "./tracing.ts";

/** What of a workflow is looked at. */
export interface ObservedWorkflow {
  subscribe(listener: (event: RunEvent) => void): () => void;
  liveRun(runId: string): { readonly summary: RunDescription } | undefined;
}

/** What looks at it. */
export interface Observers {
  readonly log?: Pick<EventLog, "event"> | undefined;
  readonly tracing?: Tracing | undefined;
  /** Told where to ask; its events come from the server. */
  readonly tally?: RunTally | undefined;
}

/** Lets the log and the traces see every event from now on; the returned function ends it. */
export function observe(
  workflow: ObservedWorkflow,
  { log, tracing, tally }: Observers,
): () => void {
  const describe = (runId: string) => workflow.liveRun(runId)?.summary;
  tracing?.describeBy(describe);
  tally?.describeBy(describe);
  if (log === undefined && tracing === undefined) return () => {};
  return workflow.subscribe((event) => {
    // Lines name the trace, so those of a run's end come before its trace is let go.
    log?.event(event);
    tracing?.event(event);
  });
}
