/** Projections of what happens: figures, log lines and traces. */
export {
  createEventLog,
  DEFAULT_LINE_RATE,
  type EventLog,
  type EventLogOptions,
} from "./event_log.ts";
export type { LineRate } from "./line_budget.ts";
export { FleetTally, type TalliedWorkflow } from "./fleet_tally.ts";
export { createMetrics, type RenderMetrics } from "./metrics.ts";
export { nodeTracing } from "./node_tracing.ts";
export { observe, type ObservedWorkflow } from "./observe.ts";
export { openTracing, type OpenTracingOptions, TRACING_ENV } from "./open_tracing.ts";
export { RunTally } from "./run_tally.ts";
export { StorageTally } from "./storage_tally.ts";
export {
  formatTraceHeaders,
  formatTraceparent,
  parseTraceHeaders,
  parseTraceparent,
  type TraceContext,
} from "./trace_context.ts";
export type { AttemptPlace, RunDescription, Tracing } from "./tracing.ts";
export { traceMembers, traceOfTrigger, typeOfTrigger } from "./trigger_trace.ts";
export { TriggerTally } from "./trigger_tally.ts";
export { withStorageTally } from "./with_storage_tally.ts";
