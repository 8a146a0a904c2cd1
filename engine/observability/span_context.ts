import { type Context, ROOT_CONTEXT, type Span, trace, TraceFlags } from "@opentelemetry/api";
import type { TraceContext } from "./trace_context.ts";

/** A context whose spans are inside of a span of somebody else. */
export function remoteParent({ traceId, spanId, sampled }: TraceContext): Context {
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    isRemote: true,
  });
}

/** Where a trace stands inside of a span; `state` is what the caller had in `tracestate`. */
export function contextOfSpan(span: Span, state: string | undefined): TraceContext {
  const { traceId, spanId, traceFlags } = span.spanContext();
  const sampled = (traceFlags & TraceFlags.SAMPLED) !== 0;
  return state === undefined ? { traceId, spanId, sampled } : { traceId, spanId, sampled, state };
}
