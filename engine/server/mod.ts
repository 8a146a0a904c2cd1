/** The HTTP surface of one workflow: runs, their events, health, metrics. */
export {
  DEFAULT_GRACE_MS,
  DEFAULT_HOST,
  DEFAULT_MAX_CONCURRENT_RUNS,
  DEFAULT_PORT,
  serve,
  type ServeOptions,
  type Server,
} from "./serve.ts";
