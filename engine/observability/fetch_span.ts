import type { Attributes } from "@opentelemetry/api";
import type { FetchRecord } from "../context/mod.ts";

/** Known ones; the conventions call others by one name, so that a label does not grow without end. */
const METHODS: ReadonlySet<string> = new Set([
  "CONNECT",
  "DELETE",
  "GET",
  "HEAD",
  "OPTIONS",
  "PATCH",
  "POST",
  "PUT",
  "TRACE",
]);

/** Attributes of a request, by the semantic conventions of OpenTelemetry for HTTP clients (1.23 and later). */
export function fetchAttributes(fetch: FetchRecord): Attributes {
  const { service, status, error } = fetch;
  const method = fetch.method.toUpperCase();
  const url = URL.parse(fetch.url);
  const attributes: Attributes = {
    "http.request.method": METHODS.has(method) ? method : "_OTHER",
    "pipedreamer.service": service,
  };
  if (url !== null) {
    attributes["url.full"] = `${url.origin}${url.pathname}`;
    attributes["server.address"] = url.hostname;
    attributes["server.port"] = portOf(url);
  }
  if (status !== undefined) attributes["http.response.status_code"] = status;
  const type = error ?? (isFailure(fetch) ? String(status) : undefined);
  if (type !== undefined) attributes["error.type"] = type;
  return attributes;
}

/** Whether a client's span counts as failed: no answer, or one of 400 and above. */
export function isFailure({ status }: FetchRecord): boolean {
  return status === undefined || status >= 400;
}

function portOf({ port, protocol }: URL): number {
  if (port !== "") return Number(port);
  return protocol === "https:" ? 443 : 80;
}
