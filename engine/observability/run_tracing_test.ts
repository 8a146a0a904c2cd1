import assert from "node:assert/strict";
import { SpanStatusCode } from "@opentelemetry/api";
import type { RunEvent, RunEventBody } from "../executor/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import { type FakeSpan, fakeTracer } from "./_fake_tracer.ts";
import { RunTracing } from "./run_tracing.ts";
import type { FetchRecord } from "../context/mod.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER = "00f067aa0ba902b7";
const ERROR = { code: "NODE_FAILED", message: "no" };
const PLACE = { node: "fetch", attempt: 1 };

function started(trigger: JsonValue = { type: "manual" }): RunEventBody {
  return { kind: "run.started", workflow: "w", version: "1.0", input: {}, trigger };
}

function play(tracing: RunTracing, bodies: readonly RunEventBody[], runId = "r"): void {
  for (const [at, body] of bodies.entries()) {
    tracing.event({ runId, seq: at + 1, at, ...body } as RunEvent);
  }
}

function named(spans: readonly FakeSpan[], name: string): FakeSpan {
  const found = spans.filter((span) => span.name === name);
  assert.equal(found.length, 1, name);
  return found[0] as FakeSpan;
}

function fetchOf(part: Partial<FetchRecord> = {}): FetchRecord {
  return {
    service: "hn",
    method: "GET",
    url: "https://hn.example.com/v0/item/1.json",
    status: 200,
    error: undefined,
    startedAt: 1.5,
    durationMs: 10,
    ...part,
  };
}

Deno.test("spans are a tree of run, node, attempt and request, with the times of the events", () => {
  const { tracer, spans } = fakeTracer();
  const tracing = new RunTracing({ tracer, followsParent: true });
  play(tracing, [
    started({ type: "cron", name: "daily" }),
    { kind: "node.started", ...PLACE },
  ]);
  tracing.fetched({ runId: "r", ...PLACE }, fetchOf());
  for (
    const [at, body] of ([
      [2, { kind: "node.retrying", ...PLACE, delayMs: 5, error: ERROR }],
      [7, { kind: "node.started", node: "fetch", attempt: 2 }],
      [9, { kind: "node.succeeded", node: "fetch", attempt: 2, durationMs: 8, output: {} }],
      [10, { kind: "run.succeeded", durationMs: 10 }],
    ] as const)
  ) tracing.event({ runId: "r", seq: at, at, ...body });

  const tree = spans.map(({ name, parent, options, endedAt }) => [
    name,
    spans.find(({ context }) => context.spanId === parent?.spanId)?.name,
    options.startTime,
    endedAt,
  ]);
  assert.deepEqual(tree, [
    ["run w", undefined, 0, 10],
    ["node fetch", "run w", 1, 9],
    ["attempt 1", "node fetch", 1, 2],
    ["fetch hn", "attempt 1", 1.5, 11.5],
    ["attempt 2", "node fetch", 7, 9],
  ]);
  assert.deepEqual(named(spans, "run w").attributes, {
    "pipedreamer.workflow": "w",
    "pipedreamer.version": "1.0",
    "pipedreamer.run.id": "r",
    "pipedreamer.trigger.type": "cron",
    "pipedreamer.run.status": "succeeded",
  });
  assert.deepEqual(named(spans, "node fetch").attributes, {
    "pipedreamer.node": "fetch",
    "pipedreamer.run.id": "r",
    "pipedreamer.node.status": "succeeded",
    "pipedreamer.node.attempts": 2,
  });
  const failed = named(spans, "attempt 1");
  assert.equal(failed.attributes["error.type"], "NODE_FAILED");
  assert.deepEqual(failed.status, { code: SpanStatusCode.ERROR, message: "NODE_FAILED: no" });
  assert.deepEqual(named(spans, "fetch hn").attributes, {
    "http.request.method": "GET",
    "pipedreamer.service": "hn",
    "url.full": "https://hn.example.com/v0/item/1.json",
    "server.address": "hn.example.com",
    "server.port": 443,
    "http.response.status_code": 200,
  });
  assert.equal(tracing.traceIdOf("r"), undefined);
});

Deno.test("a run is inside the span of its caller, and hands the trace on from its attempt", () => {
  const { tracer, spans } = fakeTracer();
  const tracing = new RunTracing({ tracer, followsParent: true });
  play(tracing, [
    started({ type: "http", traceparent: `00-${TRACE}-${CALLER}-01`, tracestate: "rojo=1" }),
    { kind: "node.started", ...PLACE },
  ]);
  assert.equal(named(spans, "run w").parent?.spanId, CALLER);
  assert.equal(named(spans, "run w").parent?.isRemote, true);
  assert.equal(tracing.traceIdOf("r"), TRACE);
  assert.deepEqual(tracing.contextOf({ runId: "r", ...PLACE }), {
    traceId: TRACE,
    spanId: named(spans, "attempt 1").context.spanId,
    sampled: true,
    state: "rojo=1",
  });
});

Deno.test("a run whose caller does not record has no spans, and hands the caller's trace on", () => {
  const { tracer, spans } = fakeTracer();
  const tracing = new RunTracing({ tracer, followsParent: true });
  play(tracing, [
    started({ type: "http", traceparent: `00-${TRACE}-${CALLER}-00` }),
    { kind: "node.started", ...PLACE },
  ]);
  const expected = { traceId: TRACE, spanId: CALLER, sampled: false };
  assert.deepEqual(tracing.contextOf({ runId: "r", ...PLACE }), expected);
  play(tracing, [{ kind: "run.failed", durationMs: 1, error: ERROR }]);
  assert.deepEqual(spans, []);
  assert.equal(tracing.contextOf({ runId: "r", ...PLACE }), undefined);
});

Deno.test("a run that the sampler leaves out costs one span, and hands its trace on unsampled", () => {
  const { tracer, spans } = fakeTracer(false);
  const tracing = new RunTracing({ tracer, followsParent: false });
  play(tracing, [started(), { kind: "node.started", ...PLACE }]);
  assert.equal(spans.length, 1);
  assert.equal(tracing.contextOf({ runId: "r", ...PLACE })?.sampled, false);
  play(tracing, [{ kind: "run.succeeded", durationMs: 1 }]);
  assert.equal(spans[0]?.endedAt, 0);
});

Deno.test("a run taken up again continues the trace of its caller", () => {
  const { tracer, spans } = fakeTracer();
  const tracing = new RunTracing({ tracer, followsParent: true });
  tracing.describeBy((runId) => ({
    workflow: `w-of-${runId}`,
    version: "1.0",
    trigger: { type: "queue", headers: { traceparent: `00-${TRACE}-${CALLER}-01` } },
  }));
  play(tracing, [
    { kind: "run.resumed", done: 1, unfinished: 1 },
    { kind: "node.lost", ...PLACE, error: ERROR, engine: true },
    { kind: "node.started", node: "fetch", attempt: 2 },
    { kind: "node.succeeded", node: "fetch", attempt: 2, durationMs: 8, output: {} },
    { kind: "run.succeeded", durationMs: 10 },
  ]);
  const run = named(spans, "run w-of-r");
  assert.equal(run.context.traceId, TRACE);
  assert.equal(run.attributes["pipedreamer.run.resumed"], true);
  assert.deepEqual(spans.map(({ endedAt }) => endedAt), [4, 3, 3]);
});

Deno.test("every span ends: of nodes that a run leaves behind, and of runs at the end of tracing", () => {
  const { tracer, spans } = fakeTracer();
  const tracing = new RunTracing({ tracer, followsParent: true });
  play(tracing, [
    started(),
    { kind: "node.started", node: "a", attempt: 1 },
    { kind: "node.started", node: "b", attempt: 1 },
    { kind: "node.failed", node: "a", attempt: 1, durationMs: 1, error: ERROR, allowed: false },
    { kind: "run.failed", durationMs: 4, error: ERROR },
  ], "one");
  play(tracing, [started(), { kind: "node.started", node: "a", attempt: 1 }], "two");
  tracing[Symbol.dispose]();
  assert.equal(spans.length, 8);
  for (const { name, endedAt } of spans) assert.notEqual(endedAt, undefined, name);
  assert.deepEqual(
    spans.filter(({ name }) => name === "run w").map(({ attributes }) =>
      attributes["pipedreamer.run.status"]
    ),
    ["failed", "interrupted"],
  );
});

Deno.test("an attempt has a bounded number of spans of requests, and says how many are missing", () => {
  const { tracer, spans } = fakeTracer();
  const tracing = new RunTracing({ tracer, followsParent: true });
  play(tracing, [started(), { kind: "node.started", ...PLACE }]);
  for (let i = 0; i < 1_200; i++) tracing.fetched({ runId: "r", ...PLACE }, fetchOf());
  tracing.fetched({ runId: "r", node: "fetch", attempt: 2 }, fetchOf());
  tracing.fetched({ runId: "none", ...PLACE }, fetchOf());
  play(tracing, [{ kind: "node.cancelled", ...PLACE, durationMs: 1 }]);
  assert.equal(spans.filter(({ name }) => name === "fetch hn").length, 1_000);
  assert.equal(named(spans, "attempt 1").attributes["pipedreamer.fetches.dropped"], 200);
});

Deno.test("what a node says of the time cannot lead out of its attempt", () => {
  const { tracer, spans } = fakeTracer();
  const tracing = new RunTracing({ tracer, followsParent: true });
  play(tracing, [started(), { kind: "node.started", ...PLACE }]);
  tracing.fetched({ runId: "r", ...PLACE }, fetchOf({ startedAt: -1e300, durationMs: -5 }));
  tracing.fetched({ runId: "r", ...PLACE }, fetchOf({ startedAt: 1e300, durationMs: 1e300 }));
  const later = Date.now() + 1;
  for (const { options, endedAt } of spans.slice(3)) {
    const from = Number(options.startTime);
    assert.ok(from >= 1 && from <= later && Number(endedAt) >= from && Number(endedAt) <= later);
  }
});

const FETCHES = [
  { name: "a method of its own", part: { method: "get" }, type: undefined },
  { name: "an answer of 404", part: { status: 404 }, type: "404" },
  { name: "no answer", part: { status: undefined, error: "TypeError" }, type: "TypeError" },
  { name: "an address that is none", part: { url: "not a url" }, type: undefined },
  {
    name: "an address with more than it should have",
    part: { url: "https://user:pw@a.example.com:8443/x?token=1#y" },
    type: undefined,
  },
];

for (const { name, part, type } of FETCHES) {
  Deno.test(`the span of a request holds no query and no user: ${name}`, () => {
    const { tracer, spans } = fakeTracer();
    const tracing = new RunTracing({ tracer, followsParent: true });
    play(tracing, [started(), { kind: "node.started", ...PLACE }]);
    tracing.fetched({ runId: "r", ...PLACE }, fetchOf(part));
    const span = named(spans, "fetch hn");
    assert.equal(span.attributes["error.type"], type);
    assert.equal(span.status?.code, type === undefined ? undefined : SpanStatusCode.ERROR);
    assert.doesNotMatch(JSON.stringify(span.attributes), /token|pw|user|#/);
  });
}
