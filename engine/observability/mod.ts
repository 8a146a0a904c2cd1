/** Projections of what happens: figures, log lines and traces. */
export { createEventLog, type EventLog, type EventLogOptions } from "./event_log.ts";
export { createMetrics, type RenderMetrics } from "./metrics.ts";
export { RunTally } from "./run_tally.ts";
