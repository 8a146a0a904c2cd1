/** The HTTP surface of one workflow: runs, their events, health, metrics. */
export { createApp, type RequestHandler } from "./app.ts";
export { createEventLog, type EventLog, type EventLogOptions } from "./event_log.ts";
export {
  createRequestGuard,
  type RequestGuard,
  type RequestGuardOptions,
} from "./request_guard.ts";
export {
  createRoutes,
  type Route,
  type RouteHandler,
  type RouteOptions,
  type Routes,
} from "./routes.ts";
export { RunTally } from "./run_tally.ts";
export {
  DEFAULT_GRACE_MS,
  DEFAULT_HOST,
  DEFAULT_MAX_BODY_BYTES,
  DEFAULT_MAX_CONCURRENT_RUNS,
  DEFAULT_PORT,
  serve,
  type ServeOptions,
  type Server,
} from "./serve.ts";
