import type { JsonObject } from "../../json/mod.ts";

/** Headers that say something about a delivery and prove nothing: no signature, token or cookie. */
const SHOWN: ReadonlySet<string> = new Set([
  "content-type",
  "idempotency-key",
  "traceparent",
  "tracestate",
  "user-agent",
  "x-request-id",
  "x-github-delivery",
  "x-github-enterprise-host",
  "x-github-event",
  "x-github-hook-id",
  "x-github-hook-installation-target-id",
  "x-github-hook-installation-target-type",
  "x-gitlab-event",
  "x-gitlab-event-uuid",
  "x-gitlab-instance",
  "x-gitlab-webhook-uuid",
  "x-slack-request-timestamp",
  "x-slack-retry-num",
  "x-slack-retry-reason",
]);

const MAX_CHARS = 1000;

/** The headers of a delivery that nodes may see, names in lower case. */
export function shownHeaders(headers: Headers): JsonObject {
  const shown = [...headers].filter(([name]) => SHOWN.has(name));
  return Object.fromEntries(shown.map(([name, value]) => [name, value.slice(0, MAX_CHARS)]));
}
