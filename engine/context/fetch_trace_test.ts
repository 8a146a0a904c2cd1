import assert from "node:assert/strict";
import { testContext } from "./_test_context.ts";
import { redirect, startServer } from "./_test_server.ts";
import type { FetchRecord, FetchTrace } from "./fetch_trace.ts";

const TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

function listening(): { readonly trace: FetchTrace; readonly records: FetchRecord[] } {
  const records: FetchRecord[] = [];
  const headers = { traceparent: TRACEPARENT, tracestate: "rojo=1" };
  return { trace: { headers, onFetch: (fetch) => records.push(fetch) }, records };
}

Deno.test("a request of a traced attempt carries its trace, redirects included", async () => {
  await using server = startServer(({ pathname }) =>
    pathname === "/old" ? redirect(302, "/new") : new Response("ok")
  );
  const { trace, records } = listening();
  const { ctx } = testContext({ services: { hn: { url: server.url } }, trace });
  await (await ctx.fetch("hn", "/old?token=canary")).text();
  assert.deepEqual(
    server.requests.map(({ headers }) => [headers.get("traceparent"), headers.get("tracestate")]),
    [[TRACEPARENT, "rojo=1"], [TRACEPARENT, "rojo=1"]],
  );
  assert.equal(records.length, 1);
  const { startedAt, durationMs, ...told } = records[0] as FetchRecord;
  assert.deepEqual(told, {
    service: "hn",
    method: "GET",
    url: `${server.url}/old`,
    status: 200,
  });
  assert.ok(durationMs >= 0 && Math.abs(startedAt - Date.now()) < 60_000);
});

Deno.test("a traceparent of the node's own stays as it is", async () => {
  await using server = startServer();
  const { trace } = listening();
  const { ctx } = testContext({ services: { hn: { url: server.url } }, trace });
  const own = TRACEPARENT.replace("4bf9", "ffff");
  await (await ctx.fetch("hn", "/", { headers: { traceparent: own } })).text();
  assert.equal(server.requests[0]?.headers.get("traceparent"), own);
  assert.equal(server.requests[0]?.headers.get("tracestate"), null);
});

Deno.test("a request without an answer is told by the name of its error", async () => {
  const { trace, records } = listening();
  const { ctx } = testContext({
    services: { hn: { url: "http://hn.example" } },
    trace,
    transport: () => Promise.reject(new TypeError("no such host: canary")),
  });
  await assert.rejects(ctx.fetch("hn", "/", { method: "POST" }), TypeError);
  const { method, status, error } = records[0] as FetchRecord;
  assert.deepEqual({ method, status, error }, {
    method: "POST",
    status: undefined,
    error: "TypeError",
  });
});

Deno.test("a request of an attempt that is not traced has no such header", async () => {
  await using server = startServer();
  const { ctx } = testContext({ services: { hn: { url: server.url } } });
  await (await ctx.fetch("hn", "/")).text();
  assert.equal(server.requests[0]?.headers.has("traceparent"), false);
});
