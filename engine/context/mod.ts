/** What a node sees: fetch, log, config, secrets, signal, run; the secrets cascade; redaction. */
export { type AskEngine, askOf } from "./ask_engine.ts";
export type {
  Context,
  Log,
  NodeRunInfo,
  ProcessOptions,
  ProcessResult,
  Secrets,
} from "./context.ts";
export { type ContextOptions, createContext } from "./create_context.ts";
export { createFetch } from "./create_fetch.ts";
export { createTransport } from "./create_transport.ts";
export { deepFreeze } from "./deep_freeze.ts";
export { findSecret, secretNameOf } from "./find_secret.ts";
export { toExchange, toHttpCall, toResponse } from "./exchange.ts";
export type { FetchRecord, FetchTrace, TraceHeaders } from "./fetch_trace.ts";
export { liveTransport } from "./live_transport.ts";
export { type LoadedSecrets, loadSecrets, type LoadSecretsOptions } from "./load_secrets.ts";
export { permissionDenied } from "./permission_denied.ts";
export { lastRetryAfterMs, retryAfterMs } from "./retry_after.ts";
export type { RedactingStream } from "./redacting_stream.ts";
export { createRedactor, type Redactor } from "./redactor.ts";
export {
  createSecretReferences,
  type RestoredValue,
  type SecretReferences,
} from "./secret_references.ts";
export { secretForms } from "./secret_forms.ts";
export { MOUNTED_SECRETS, secretPlaces } from "./secret_places.ts";
export { selectSecrets } from "./select_secrets.ts";
export type { Services } from "./service_url.ts";
export type {
  HttpAnswer,
  HttpBody,
  HttpCall,
  HttpExchange,
  HttpMode,
  Transport,
} from "./transport.ts";
