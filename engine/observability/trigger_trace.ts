import type { JsonValue } from "../json/mod.ts";
import { parseTraceHeaders, type TraceContext } from "./trace_context.ts";

/**
 * The trace that a trigger came with: `traceparent` and `tracestate` of the trigger itself, else those among
 * its `headers`, whose names are compared in any case and whose values may be lists.
 */
export function traceOfTrigger(trigger: JsonValue): TraceContext | undefined {
  if (!isObject(trigger)) return undefined;
  const own = textOf(trigger["traceparent"]);
  if (own !== undefined) return parseTraceHeaders(own, textOf(trigger["tracestate"]));
  const headers = trigger["headers"];
  if (!isObject(headers)) return undefined;
  let traceparent: string | undefined;
  let tracestate: string | undefined;
  for (const name of Object.keys(headers)) {
    const lower = name.length === "traceparent".length || name.length === "tracestate".length
      ? name.toLowerCase()
      : undefined;
    if (lower === "traceparent") traceparent = textOf(headers[name]);
    else if (lower === "tracestate") tracestate = textOf(headers[name]);
  }
  return traceparent === undefined ? undefined : parseTraceHeaders(traceparent, tracestate);
}

/** What kind of trigger it was: `http`, `cron`, `queue` …; `undefined` for one that does not say. */
export function typeOfTrigger(trigger: JsonValue): string | undefined {
  return isObject(trigger) ? textOf(trigger["type"]) : undefined;
}

/** The members that carry the trace of a request into its trigger, when it has such headers. */
export function traceMembers(
  headers: { get(name: string): string | null },
): { readonly traceparent: string; readonly tracestate?: string } | undefined {
  const traceparent = headers.get("traceparent");
  if (traceparent === null) return undefined;
  const context = parseTraceHeaders(traceparent, headers.get("tracestate") ?? undefined);
  if (context === undefined) return undefined;
  return context.state === undefined ? { traceparent } : { traceparent, tracestate: context.state };
}

function isObject(value: JsonValue | undefined): value is { readonly [key: string]: JsonValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** One value, or the list that a repeated header became. */
function textOf(value: JsonValue | undefined): string | undefined {
  if (typeof value === "string") return value;
  if (!Array.isArray(value)) return undefined;
  const texts = value.filter((item) => typeof item === "string");
  return texts.length === 0 ? undefined : texts.join(",");
}
