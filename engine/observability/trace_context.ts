import type { TraceHeaders } from "../context/mod.ts";

/**
 * Where a trace stands: the span that whatever follows belongs to, as the headers of W3C Trace Context
 * (Recommendation of 23 November 2021) carry it.
 */
export interface TraceContext {
  /** 32 lower-case hexadecimal digits, not all of them zero. */
  readonly traceId: string;
  /** 16 lower-case hexadecimal digits, not all of them zero. */
  readonly spanId: string;
  /** Somebody upstream records this trace. */
  readonly sampled: boolean;
  /** `tracestate` as it came in, when it is valid. */
  readonly state?: string;
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:$|(-))/;
const NO_TRACE = "0".repeat(32);
const NO_SPAN = "0".repeat(16);
const SAMPLED = 1;

/**
 * Reads a `traceparent` header, section 3.2 of the specification; `undefined` for one that is to be ignored.
 * A version of the future may hold more behind the four fields of version 00.
 */
export function parseTraceparent(text: string): TraceContext | undefined {
  const match = TRACEPARENT.exec(text);
  if (match === null) return undefined;
  const [, version, traceId = "", spanId = "", flags = "", more] = match;
  if (version === "ff" || traceId === NO_TRACE || spanId === NO_SPAN) return undefined;
  if (version === "00" && more !== undefined) return undefined;
  return { traceId, spanId, sampled: (parseInt(flags, 16) & SAMPLED) !== 0 };
}

/** The `traceparent` header of a context, in version 00. */
export function formatTraceparent({ traceId, spanId, sampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${sampled ? "01" : "00"}`;
}

/** Reads both headers. A bad `tracestate` is left out; a bad `traceparent` takes it along. */
export function parseTraceHeaders(
  traceparent: string,
  tracestate: string | undefined,
): TraceContext | undefined {
  const context = parseTraceparent(traceparent);
  if (context === undefined || tracestate === undefined) return context;
  return isTracestate(tracestate) ? { ...context, state: tracestate } : context;
}

/** Both headers of a context. */
export function formatTraceHeaders(context: TraceContext): TraceHeaders {
  const traceparent = formatTraceparent(context);
  return context.state === undefined ? { traceparent } : { traceparent, tracestate: context.state };
}

/** More than 32 members of the greatest size are no list of this specification. */
const MAX_STATE_CHARS = 32 * (256 + 1 + 256 + 2);
const MAX_MEMBERS = 32;
const KEY_CHARS = "[a-z0-9_\\-*/]";
/** `simple-key` or `multi-tenant-key`, `=`, and a value that does not end in a blank. */
const MEMBER = new RegExp(
  `^((?:[a-z]${KEY_CHARS}{0,255}|[a-z0-9]${KEY_CHARS}{0,240}@[a-z]${KEY_CHARS}{0,13}))` +
    "=([\\x20-\\x2b\\x2d-\\x3c\\x3e-\\x7e]{0,255}[\\x21-\\x2b\\x2d-\\x3c\\x3e-\\x7e])$",
);

/** Whether text is a `tracestate` list, section 3.3: up to 32 members, each key once, empty ones allowed. */
export function isTracestate(text: string): boolean {
  if (text.length > MAX_STATE_CHARS) return false;
  const keys = new Set<string>();
  let count = 0;
  for (const part of text.split(",")) {
    const member = part.replace(/^[ \t]+|[ \t]+$/g, "");
    if (++count > MAX_MEMBERS) return false;
    if (member === "") continue;
    const key = MEMBER.exec(member)?.[1];
    if (key === undefined || keys.has(key)) return false;
    keys.add(key);
  }
  return keys.size > 0;
}
