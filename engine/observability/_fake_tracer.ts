import {
  type Attributes,
  type Context,
  type Span,
  type SpanContext,
  type SpanOptions,
  type SpanStatus,
  trace,
  type Tracer,
} from "@opentelemetry/api";

/** A span of a test. */
export interface FakeSpan {
  readonly name: string;
  readonly options: SpanOptions;
  readonly context: SpanContext;
  readonly parent: SpanContext | undefined;
  readonly attributes: Attributes;
  status: SpanStatus | undefined;
  /** Epoch milliseconds; undefined while it is open. */
  endedAt: number | undefined;
}

/** A tracer that keeps its spans. `isSampled` decides on traces without a parent. */
export function fakeTracer(isSampled = true): { tracer: Tracer; spans: FakeSpan[] } {
  const spans: FakeSpan[] = [];
  function startSpan(name: string, options: SpanOptions = {}, context?: Context): Span {
    const parent = context && trace.getSpanContext(context);
    const id = (spans.length + 1).toString(16);
    const span: FakeSpan = {
      name,
      options,
      context: {
        traceId: parent?.traceId ?? id.padStart(32, "0"),
        spanId: id.padStart(16, "0"),
        traceFlags: parent?.traceFlags ?? (isSampled ? 1 : 0),
      },
      parent,
      attributes: { ...options.attributes },
      status: undefined,
      endedAt: undefined,
    };
    spans.push(span);
    return handle(span);
  }
  return { tracer: { startSpan, startActiveSpan: () => unused() }, spans };
}

function handle(span: FakeSpan): Span {
  const self: Span = {
    spanContext: () => span.context,
    isRecording: () => true,
    setAttribute(key, value) {
      span.attributes[key] = value;
      return self;
    },
    setStatus(status) {
      span.status = status;
      return self;
    },
    end(time) {
      if (span.endedAt !== undefined) throw new Error(`span "${span.name}" ended twice`);
      span.endedAt = Number(time);
    },
    setAttributes: unused,
    addEvent: unused,
    addLink: unused,
    addLinks: unused,
    updateName: unused,
    recordException: unused,
  };
  return self;
}

function unused(): never {
  throw new Error("tracing does not use that");
}
