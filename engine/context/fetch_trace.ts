/** The headers by which a trace goes on beyond the engine (W3C Trace Context). */
export interface TraceHeaders {
  readonly traceparent: string;
  readonly tracestate?: string;
}

/** One request of a node, from its sending to the head of its answer. */
export interface FetchRecord {
  /** As it was given to `ctx.fetch`. */
  readonly service: string;
  readonly method: string;
  /** Origin and path: no query, no fragment, no user. */
  readonly url: string;
  /** Of the answer; left out when none came. */
  readonly status?: number | undefined;
  /** Name of the error in place of an answer. */
  readonly error?: string | undefined;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly durationMs: number;
}

/** What the requests of an attempt carry, and who hears of them. There is none while tracing is off. */
export interface FetchTrace {
  readonly headers: TraceHeaders;
  onFetch(fetch: FetchRecord): void;
}

/** Adds the headers of a trace; what the caller set itself stays. */
export function addTraceHeaders(headers: Headers, { traceparent, tracestate }: TraceHeaders): void {
  if (headers.has("traceparent")) return;
  headers.set("traceparent", traceparent);
  if (tracestate !== undefined) headers.set("tracestate", tracestate);
}

/** Tells of a request that is on its way, once it has its answer or will have none. */
export async function recordFetch(
  sent: Promise<Response>,
  request: { readonly service: string; readonly method: string; readonly url: URL },
  trace: FetchTrace,
): Promise<Response> {
  const { service, method, url: { origin, pathname } } = request;
  const begun = performance.now();
  const common = {
    service,
    method,
    url: `${origin}${pathname}`,
    startedAt: performance.timeOrigin + begun,
  };
  try {
    const response = await sent;
    const durationMs = performance.now() - begun;
    trace.onFetch({ ...common, status: response.status, durationMs });
    return response;
  } catch (error) {
    const name = error instanceof Error ? error.name : typeof error;
    trace.onFetch({ ...common, error: name, durationMs: performance.now() - begun });
    throw error;
  }
}
