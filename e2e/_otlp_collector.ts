/** One span as it arrived. */
export interface CollectedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for a root. */
  readonly parentSpanId: string;
  /** 1 internal, 2 server, 3 client, 5 consumer. */
  readonly kind: number;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** 0 unset, 1 ok, 2 error. */
  readonly status: number;
  readonly attributes: { readonly [name: string]: string | number | boolean };
}

/** A collector that takes OTLP over HTTP as JSON (`OTEL_EXPORTER_OTLP_PROTOCOL=http/json`). */
export interface OtlpCollector extends AsyncDisposable {
  /** What makes the runtime send its traces here, and none but the engine's own. */
  readonly env: Record<string, string>;
  readonly spans: readonly CollectedSpan[];
  /** Every body that came, of traces, metrics and logs. */
  readonly bodies: readonly string[];
}

interface OtlpTraces {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly {
      readonly spans: readonly OtlpSpan[];
    }[];
  }[];
}

interface OtlpSpan extends Pick<CollectedSpan, "name" | "traceId" | "spanId" | "kind"> {
  readonly parentSpanId?: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status?: { readonly code?: number };
  readonly attributes?: readonly {
    readonly key: string;
    readonly value: { readonly [type: string]: string | number | boolean };
  }[];
}

/** Starts one on a free port. */
export function startCollector(): OtlpCollector {
  const spans: CollectedSpan[] = [];
  const bodies: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const text = await request.text();
    bodies.push(text);
    if (request.url.endsWith("/v1/traces")) spans.push(...spansOf(JSON.parse(text)));
    return Response.json({});
  });
  return {
    env: {
      OTEL_DENO: "true",
      OTEL_DENO_TRACING: "false",
      OTEL_DENO_CONSOLE: "ignore",
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${server.addr.port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    },
    spans,
    bodies,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function spansOf({ resourceSpans }: OtlpTraces): CollectedSpan[] {
  return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans).flatMap(({ spans }) => spans)
    .map(({ name, traceId, spanId, kind, ...span }) => ({
      name,
      traceId,
      spanId,
      kind,
      parentSpanId: span.parentSpanId ?? "",
      startedAt: Number(span.startTimeUnixNano) / 1e6,
      endedAt: Number(span.endTimeUnixNano) / 1e6,
      status: span.status?.code ?? 0,
      attributes: Object.fromEntries(
        (span.attributes ?? []).map(({ key, value }) => [key, Object.values(value)[0] ?? ""]),
      ),
    }));
}
