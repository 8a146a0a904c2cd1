/** The HTTP surface of one workflow: runs, their events, health, metrics; and that of many behind tokens. */
export { checkAddress } from "./listening.ts";
export { openService, type OpenServiceOptions } from "./open_service.ts";
export { createPageFront, type PageFront } from "./page_front.ts";
export {
  DEFAULT_GRACE_MS,
  DEFAULT_HOST,
  DEFAULT_MAX_CONCURRENT_RUNS,
  DEFAULT_PORT,
  serve,
  type ServeOptions,
  type Server,
} from "./serve.ts";
