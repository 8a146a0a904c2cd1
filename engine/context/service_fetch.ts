import { CodedError } from "../errors/mod.ts";
import type { Context, Secrets } from "./context.ts";
import { addTraceHeaders, type FetchTrace, recordFetch } from "./fetch_trace.ts";
import { permissionDenied } from "./permission_denied.ts";
import { rememberRetryAfter } from "./retry_after.ts";
import { send } from "./send.ts";
import { resolveServiceUrl, type Services } from "./service_url.ts";
import type { Transport } from "./transport.ts";

/** What a call leaves the node with. */
export interface FetchOptions {
  readonly services: Services;
  readonly transport: Transport;
  /** The trace that requests belong to. */
  readonly trace?: FetchTrace | undefined;
}

/** One call of `ctx.fetch`. */
export interface ServiceCall {
  readonly service: string;
  readonly path: string;
  readonly init: RequestInit | undefined;
}

/**
 * What `ctx.fetch` does: finds the service, adds its token where it belongs, sends, and keeps in mind
 * how long the server asked to wait. Any status is an answer; only a failure to get one throws.
 *
 * @throws {CodedError} `SERVICE_NAME`, `SERVICE_PATH`, `SECRETS_INVALID`, `PERMISSION_DENIED`
 */
export async function serviceFetch(
  ctx: Context,
  { service, path, init = {} }: ServiceCall,
  { services, transport, trace }: FetchOptions,
): Promise<Response> {
  const { url, isService } = resolveServiceUrl(service, path, services);
  const headers = new Headers(init.headers);
  if (isService) addCredential(headers, service, ctx.secrets);
  if (trace !== undefined) addTraceHeaders(headers, trace.headers);
  try {
    const sent = send({
      url,
      init,
      headers,
      signal: combine(ctx.signal, init.signal),
      service,
      secrets: ctx.secrets,
    }, transport);
    const response = trace === undefined
      ? await sent
      : await recordFetch(sent, { service, method: init.method ?? "GET", url }, trace);
    rememberRetryAfter(ctx, service, response);
    return response;
  } catch (error) {
    throw error instanceof Error ? permissionDenied(error, ctx.run.node) ?? error : error;
  }
}

/** Aborts when either does. */
export function combine(signal: AbortSignal, own: AbortSignal | null | undefined): AbortSignal {
  return own === null || own === undefined ? signal : AbortSignal.any([signal, own]);
}

/** `token` before `api_key`; what the caller set stays. */
function addCredential(headers: Headers, service: string, secrets: Secrets): void {
  const own = Object.hasOwn(secrets, service) ? secrets[service] : undefined;
  if (own === undefined) return;
  if (Object.hasOwn(own, "token")) {
    if (!headers.has("authorization")) {
      headers.set("authorization", `Bearer ${headerValue(own, service, "token")}`);
    }
  } else if (Object.hasOwn(own, "api_key") && !headers.has("x-api-key")) {
    headers.set("x-api-key", headerValue(own, service, "api_key"));
  }
}

/** Checked here, as the runtime's own error would repeat the value. */
function headerValue(keys: Secrets[string], service: string, key: string): string {
  const value = keys[key]?.trim() ?? "";
  if (/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value)) return value;
  throw new CodedError(
    "SECRETS_INVALID",
    `Cannot send secret "${service}.${key}" as a header carries printable ASCII: ${
      value === "" ? "it is empty" : "it holds other characters"
    }`,
    { fix: `Write the bare token to .secrets/${service}.json: {"${key}": "…"}` },
  );
}
