/** What a node sees: fetch, log, config, secrets, signal, run; the secrets cascade; redaction. */
export type {
  Context,
  Log,
  NodeRunInfo,
  ProcessOptions,
  ProcessResult,
  Secrets,
} from "./context.ts";
export type {
  HttpAnswer,
  HttpBody,
  HttpCall,
  HttpExchange,
  HttpMode,
  Transport,
} from "./transport.ts";
