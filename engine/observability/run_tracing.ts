import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from "@opentelemetry/api";
import type { FetchRecord } from "../context/mod.ts";
import type { ErrorRecord, RunEvent } from "../executor/mod.ts";
import { contextOfSpan, remoteParent } from "./span_context.ts";
import { fetchAttributes, isFailure } from "./fetch_span.ts";
import type { TraceContext } from "./trace_context.ts";
import type { AttemptPlace, RunDescription, Tracing } from "./tracing.ts";
import { traceOfTrigger, typeOfTrigger } from "./trigger_trace.ts";

/** What spans are made with. */
export interface RunTracingOptions {
  readonly tracer: Tracer;
  /**
   * No spans for a run whose caller does not record its own: what a sampler does that is "parent based".
   * The trace goes on through the run all the same.
   */
  readonly followsParent: boolean;
}

/** Runs with open spans; of more, the oldest is taken for given up. */
const MAX_RUNS = 10_000;
/** Spans of requests in one attempt; those beyond are counted. */
const MAX_FETCHES = 1_000;
const MAX_STATUS_CHARS = 500;

/** A span that others are inside of. */
interface OpenSpan {
  readonly span: Span;
  /** Parent of the spans inside. */
  readonly inside: Context;
}

interface OpenAttempt extends OpenSpan {
  readonly number: number;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly context: TraceContext;
  fetches: number;
}

interface OpenNode extends OpenSpan {
  attempt: OpenAttempt | undefined;
}

interface OpenRun {
  /** Of the run's own span, or its caller's where there is none. */
  readonly context: TraceContext;
  /** Undefined when the caller does not record. */
  readonly span: Span | undefined;
  /** Undefined when the spans inside are not recorded. */
  readonly inside: Context | undefined;
  readonly nodes: Map<string, OpenNode>;
}

/** Makes spans by a tracer of OpenTelemetry, with the times of the events. */
export class RunTracing implements Tracing {
  readonly #options: RunTracingOptions;
  readonly #runs = new Map<string, OpenRun>();
  #describe: (runId: string) => RunDescription | undefined = () => undefined;

  constructor(options: RunTracingOptions) {
    this.#options = options;
  }

  describeBy(describe: (runId: string) => RunDescription | undefined): void {
    this.#describe = describe;
  }

  event(event: RunEvent): void {
    switch (event.kind) {
      case "run.started":
        return this.#startRun(event, event, {});
      case "run.resumed":
        return this.#resumeRun(event);
      case "node.started":
        return this.#startAttempt(event);
      case "node.retrying":
      case "node.lost":
        return this.#endAttempt(event, event.error);
      case "node.succeeded":
        return this.#endNode(event, "succeeded", undefined);
      case "node.failed":
        return this.#endNode(event, "failed", event.error);
      case "node.cancelled":
        return this.#endNode(event, "cancelled", undefined);
      case "run.succeeded":
        return this.#endRun(event, "succeeded", undefined);
      case "run.failed":
        return this.#endRun(event, "failed", event.error);
      case "run.cancelled":
        return this.#endRun(event, "cancelled", event.error);
      case "run.queued":
      case "node.skipped":
      case "log":
        return;
    }
  }

  contextOf({ runId, node, attempt }: AttemptPlace): TraceContext | undefined {
    const run = this.#runs.get(runId);
    const open = run?.nodes.get(node)?.attempt;
    return open?.number === attempt ? open.context : run?.context;
  }

  fetched({ runId, node, attempt }: AttemptPlace, fetch: FetchRecord): void {
    const open = this.#runs.get(runId)?.nodes.get(node)?.attempt;
    if (open?.number !== attempt || ++open.fetches > MAX_FETCHES) return;
    // What a node says of the time cannot be from before its attempt, nor from the future.
    const now = Math.max(open.startedAt, Date.now());
    const startTime = within(fetch.startedAt, open.startedAt, now);
    const span = this.#options.tracer.startSpan(`fetch ${fetch.service}`, {
      kind: SpanKind.CLIENT,
      startTime,
      attributes: fetchAttributes(fetch),
    }, open.inside);
    if (isFailure(fetch)) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(within(startTime + fetch.durationMs, startTime, now + 1));
  }

  traceIdOf(runId: string): string | undefined {
    return this.#runs.get(runId)?.context.traceId;
  }

  [Symbol.dispose](): void {
    for (const runId of [...this.#runs.keys()]) this.#giveUp(runId);
  }

  #resumeRun(event: RunEvent & { readonly kind: "run.resumed" }): void {
    const description = this.#describe(event.runId);
    if (description === undefined) return;
    this.#startRun(event, description, { "pipedreamer.run.resumed": true });
  }

  #startRun(
    { runId, at }: RunEvent,
    { workflow, version, trigger }: RunDescription,
    more: Attributes,
  ): void {
    const { tracer, followsParent } = this.#options;
    this.#giveUp(runId);
    const caller = traceOfTrigger(trigger);
    if (caller !== undefined && !caller.sampled && followsParent) {
      return this.#keep(runId, {
        context: caller,
        span: undefined,
        inside: undefined,
        nodes: NO_NODES,
      });
    }
    const type = typeOfTrigger(trigger);
    const span = tracer.startSpan(`run ${workflow}`, {
      kind: kindOf(type),
      startTime: at,
      attributes: {
        "pipedreamer.workflow": workflow,
        "pipedreamer.version": version,
        "pipedreamer.run.id": runId,
        ...type === undefined ? {} : { "pipedreamer.trigger.type": type },
        ...more,
      },
    }, caller === undefined ? ROOT_CONTEXT : remoteParent(caller));
    const context = contextOfSpan(span, caller?.state);
    this.#keep(runId, {
      context,
      span,
      inside: context.sampled ? trace.setSpan(ROOT_CONTEXT, span) : undefined,
      nodes: context.sampled ? new Map() : NO_NODES,
    });
  }

  #keep(runId: string, run: OpenRun): void {
    if (this.#runs.size >= MAX_RUNS) {
      for (const oldest of this.#runs.keys()) {
        this.#giveUp(oldest);
        break;
      }
    }
    this.#runs.set(runId, run);
  }

  #startAttempt(
    { runId, node: id, attempt, at }: RunEvent & { readonly kind: "node.started" },
  ): void {
    const run = this.#runs.get(runId);
    if (run?.inside === undefined) return;
    const { tracer } = this.#options;
    let node = run.nodes.get(id);
    if (node === undefined) {
      const span = tracer.startSpan(`node ${id}`, {
        startTime: at,
        attributes: { "pipedreamer.node": id, "pipedreamer.run.id": runId },
      }, run.inside);
      node = { span, inside: trace.setSpan(ROOT_CONTEXT, span), attempt: undefined };
      run.nodes.set(id, node);
    }
    node.attempt?.span.end(at);
    const span = tracer.startSpan(`attempt ${attempt}`, {
      startTime: at,
      attributes: {
        "pipedreamer.node": id,
        "pipedreamer.run.id": runId,
        "pipedreamer.attempt": attempt,
      },
    }, node.inside);
    node.attempt = {
      span,
      inside: trace.setSpan(ROOT_CONTEXT, span),
      number: attempt,
      startedAt: at,
      context: contextOfSpan(span, run.context.state),
      fetches: 0,
    };
  }

  #endAttempt(
    { runId, node: id, at, kind }: RunEvent & { readonly node: string },
    error: ErrorRecord | undefined,
  ): void {
    const node = this.#runs.get(runId)?.nodes.get(id);
    const attempt = node?.attempt;
    if (node === undefined || attempt === undefined) return;
    node.attempt = undefined;
    const { span, fetches } = attempt;
    if (kind === "node.lost") span.setAttribute("pipedreamer.attempt.lost", true);
    if (fetches > MAX_FETCHES) {
      span.setAttribute("pipedreamer.fetches.dropped", fetches - MAX_FETCHES);
    }
    endWith(span, at, error);
  }

  #endNode(
    event: RunEvent & { readonly node: string; readonly attempt: number },
    status: string,
    error: ErrorRecord | undefined,
  ): void {
    this.#endAttempt(event, error);
    const nodes = this.#runs.get(event.runId)?.nodes;
    const node = nodes?.get(event.node);
    if (nodes === undefined || node === undefined) return;
    nodes.delete(event.node);
    node.span.setAttribute("pipedreamer.node.status", status);
    node.span.setAttribute("pipedreamer.node.attempts", event.attempt);
    endWith(node.span, event.at, error);
  }

  #endRun({ runId, at }: RunEvent, status: string, error: ErrorRecord | undefined): void {
    const run = this.#runs.get(runId);
    if (run === undefined) return;
    this.#runs.delete(runId);
    endInside(run, at);
    if (run.span === undefined) return;
    run.span.setAttribute("pipedreamer.run.status", status);
    endWith(run.span, at, status === "cancelled" ? undefined : error);
  }

  /** Ends the spans of a run that this engine hears no more of. */
  #giveUp(runId: string): void {
    const run = this.#runs.get(runId);
    if (run === undefined) return;
    this.#runs.delete(runId);
    const now = Date.now();
    endInside(run, now);
    run.span?.setAttribute("pipedreamer.run.status", "interrupted");
    run.span?.end(now);
  }
}

/** Shared by runs without spans inside. */
const NO_NODES: Map<string, OpenNode> = new Map();

function within(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}

function kindOf(type: string | undefined): SpanKind {
  switch (type) {
    case "http":
    case "webhook":
      return SpanKind.SERVER;
    case "queue":
      return SpanKind.CONSUMER;
    default:
      return SpanKind.INTERNAL;
  }
}

function endInside(run: OpenRun, at: number): void {
  for (const { span, attempt } of run.nodes.values()) {
    attempt?.span.end(at);
    span.end(at);
  }
}

function endWith(span: Span, at: number, error: ErrorRecord | undefined): void {
  if (error !== undefined) {
    span.setAttribute("error.type", error.code);
    const message = `${error.code}: ${error.message}`.slice(0, MAX_STATUS_CHARS);
    span.setStatus({ code: SpanStatusCode.ERROR, message });
  }
  span.end(at);
}
