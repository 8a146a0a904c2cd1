import assert from "node:assert/strict";
import { connect, headers } from "@nats-io/transport-node";
import { type EngineProcess, withEngine, withFolder } from "./_engine_process.ts";
import { findNats, startNats } from "./_nats_server.ts";
import { type CollectedSpan, startCollector } from "./_otlp_collector.ts";

const nats = await findNats();

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER = "00f067aa0ba902b7";
const CANARY = "canary-8c1f0b7e52";

/** What a service saw of the trace of a request. */
interface SeenTrace {
  readonly traceparent: string | null;
  readonly tracestate: string | null;
}

interface Service extends AsyncDisposable {
  readonly url: string;
  readonly seen: readonly SeenTrace[];
}

function startService(): Service {
  const seen: SeenTrace[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    ({ headers, url }) => {
      seen.push({
        traceparent: headers.get("traceparent"),
        tracestate: headers.get("tracestate"),
      });
      return new Response("", { status: url.includes("/missing") ? 404 : 200 });
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    seen,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** A node in a host that fails once, then one inside the engine; both tell their secret wherever they can. */
function tracedFlow(serviceUrl: string, more = ""): { [path: string]: string } {
  return {
    "workflow.yaml": `name: traced
version: "1.0"
description: Asks a service
services:
  api: { url: "${serviceUrl}" }
nodes:
  ask: { path: ./nodes/ask.ts, retries: 1 }
  tell: { path: ./nodes/tell.ts, isolation: none, depends_on: [ask] }
${more}`,
    "secrets.json": JSON.stringify({ api: { token: CANARY } }),
    "nodes/ask.ts": `export default async function run(ctx, input) {
  const { token } = ctx.secrets.api;
  await (await ctx.fetch("api", "/items/" + token + "?key=" + token)).text();
  ctx.log.warn("asked with " + token, { token });
  if (ctx.run.attempt === 1) throw new Error("refused: " + token);
  return { token };
}
`,
    "nodes/tell.ts": `export default async function run(ctx) {
  await (await ctx.fetch("api", "/missing?key=" + ctx.secrets.api.token)).text();
  return "told";
}
`,
  };
}

async function run(engine: EngineProcess, traceHeaders: Record<string, string>): Promise<string> {
  const response = await fetch(`${engine.url}/run`, {
    method: "POST",
    body: JSON.stringify({ token: CANARY }),
    headers: traceHeaders,
  });
  const { runId } = await response.json();
  assert.equal(response.status, 200);
  return runId;
}

/** Stops the engine in order, which sends what waits. */
async function stop(engine: EngineProcess): Promise<string> {
  engine.kill("SIGTERM");
  const text = await engine.logged(/stopped[^\n]*\n/);
  assert.equal((await engine.status).code, 0);
  return text;
}

function argsOf(dir: string): string[] {
  return ["--workflow", dir, "--secrets", `${dir}/secrets.json`];
}

/** Names of the spans below one, each with what is inside of it, in order of time. */
function tree(spans: readonly CollectedSpan[], parent: string): unknown[] {
  return spans.filter(({ parentSpanId }) => parentSpanId === parent)
    .toSorted((a, b) => a.startedAt - b.startedAt)
    .map(({ name, spanId }) => {
      const inside = tree(spans, spanId);
      return inside.length === 0 ? name : [name, ...inside];
    });
}

Deno.test("a run sends its spans as a part of its caller's trace, and no secret with them", async () => {
  await using service = startService();
  await using collector = startCollector();
  await withFolder(tracedFlow(service.url), (dir) =>
    withEngine(argsOf(dir), async (engine) => {
      const runId = await run(engine, {
        traceparent: `00-${TRACE}-${CALLER}-01`,
        tracestate: "rojo=00f067aa0ba902b7",
      });
      const metrics = await (await fetch(`${engine.url}/metrics`)).text();
      const lines = await stop(engine);

      const { spans } = collector;
      assert.deepEqual(tree(spans, CALLER), [
        [
          "run traced",
          ["node ask", ["attempt 1", "fetch api"], ["attempt 2", "fetch api"]],
          ["node tell", ["attempt 1", "fetch api"]],
        ],
      ]);
      for (const span of spans) {
        assert.equal(span.traceId, TRACE);
        assert.ok(span.endedAt >= span.startedAt && span.endedAt - span.startedAt < 20_000);
      }
      checkAttributes(spans, { runId, serviceUrl: service.url });
      assert.deepEqual(
        service.seen,
        ["ask 1", "ask 2", "tell 1"].map((place) => ({
          traceparent: `00-${TRACE}-${attempt(spans, place)?.spanId}-01`,
          tracestate: "rojo=00f067aa0ba902b7",
        })),
      );
      checkLines(lines, runId);
      for (const text of [...collector.bodies, metrics, lines]) {
        assert.ok(!text.includes(CANARY), text);
      }
      assert.match(lines, /asked with \*\*\*/);
      assert.match(metrics, /pipedreamer_node_retries_total\{workflow="traced",node="ask"\} 1/);
    }, { env: collector.env, log: "json" }));
});

function attempt(spans: readonly CollectedSpan[], place: string): CollectedSpan | undefined {
  return spans.find(({ name, attributes }) =>
    name.startsWith("attempt") &&
    `${attributes["pipedreamer.node"]} ${attributes["pipedreamer.attempt"]}` === place
  );
}

function checkAttributes(
  spans: readonly CollectedSpan[],
  { runId, serviceUrl }: { readonly runId: string; readonly serviceUrl: string },
): void {
  const ofRun = spans.find(({ name }) => name === "run traced");
  assert.deepEqual([ofRun?.kind, ofRun?.attributes], [2, {
    "pipedreamer.workflow": "traced",
    "pipedreamer.version": "1.0",
    "pipedreamer.run.id": runId,
    "pipedreamer.trigger.type": "http",
    "pipedreamer.run.status": "succeeded",
  }]);
  const failed = attempt(spans, "ask 1");
  assert.deepEqual([failed?.status, failed?.attributes["error.type"]], [2, "NODE_FAILED"]);
  const fetches = spans.filter(({ kind }) => kind === 3);
  assert.deepEqual(
    fetches.map(({ attributes }) => [
      attributes["url.full"],
      Number(attributes["http.response.status_code"]),
    ]),
    [[`${serviceUrl}/items/***`, 200], [`${serviceUrl}/items/***`, 200], [
      `${serviceUrl}/missing`,
      404,
    ]],
  );
}

function checkLines(text: string, runId: string): void {
  const lines = text.trim().split("\n").filter((line) => line.startsWith("{")).map((line) =>
    JSON.parse(line)
  );
  const asked = lines.filter(({ message }) => message === "asked with ***");
  assert.deepEqual(
    asked.map(({ time: _, ...line }) => line),
    [1, 2].map((attempt) => ({
      level: "warn",
      message: "asked with ***",
      workflow: "traced",
      runId,
      trace_id: TRACE,
      node: "ask",
      attempt,
      fields: { token: "***" },
    })),
  );
}

Deno.test("a run whose caller does not record hands the trace on, and sends no span", async () => {
  await using service = startService();
  await using collector = startCollector();
  await withFolder(tracedFlow(service.url), (dir) =>
    withEngine(argsOf(dir), async (engine) => {
      await run(engine, { traceparent: `00-${TRACE}-${CALLER}-00` });
      await stop(engine);
      assert.deepEqual(collector.spans, []);
      assert.deepEqual(
        service.seen.map(({ traceparent }) => traceparent),
        new Array(3).fill(`00-${TRACE}-${CALLER}-00`),
      );
    }, { env: collector.env }));
});

Deno.test("the sampler of the environment decides which runs have spans", async () => {
  await using service = startService();
  await using collector = startCollector();
  const env = {
    ...collector.env,
    OTEL_TRACES_SAMPLER: "parentbased_traceidratio",
    OTEL_TRACES_SAMPLER_ARG: "0",
  };
  await withFolder(tracedFlow(service.url), (dir) =>
    withEngine(argsOf(dir), async (engine) => {
      await run(engine, {});
      await run(engine, { traceparent: `00-${TRACE}-${CALLER}-01` });
      await stop(engine);
      assert.equal(collector.spans.length, 9);
      assert.ok(collector.spans.every(({ traceId }) => traceId === TRACE));
      assert.match(service.seen[0]?.traceparent ?? "", /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    }, { env }));
});

Deno.test("without OTEL_DENO there are no spans and no headers, and an endpoint alone is explained", async () => {
  await using service = startService();
  await using collector = startCollector();
  const { OTEL_DENO: _, ...env } = collector.env;
  await withFolder(tracedFlow(service.url), (dir) =>
    withEngine(argsOf(dir), async (engine) => {
      await run(engine, { traceparent: `00-${TRACE}-${CALLER}-01` });
      assert.match(engine.greeting, /traces are not sent, as OTEL_DENO is not true/);
      await stop(engine);
      assert.deepEqual(collector.bodies, []);
      assert.deepEqual(service.seen.map(({ traceparent }) => traceparent), [null, null, null]);
    }, { env }));
});

Deno.test("a run that a killed engine left is in the same trace when the next one goes on with it", async () => {
  await using service = startService();
  await using collector = startCollector();
  const files = {
    ...tracedFlow(service.url),
    "nodes/ask.ts": `export default async function run(ctx) {
  if (ctx.run.attempt === 1) await new Promise((resolve) => setTimeout(resolve, 600_000));
  return "done";
}
`,
  };
  await withFolder(files, async (dir) => {
    const args = [...argsOf(dir), "--storage", `sqlite://${dir}/runs.db`];
    let runId = "";
    await withEngine(args, async (engine) => {
      const response = await fetch(`${engine.url}/run?wait=false`, {
        method: "POST",
        headers: { traceparent: `00-${TRACE}-${CALLER}-01` },
      });
      ({ runId } = await response.json());
      await untilEvent(engine, runId, "node.started");
      engine.kill("SIGKILL");
      await engine.status;
    }, { env: collector.env });
    assert.equal(collector.spans.length, 0);
    await withEngine(args, async (engine) => {
      await untilEvent(engine, runId, "run.succeeded");
      await stop(engine);
    }, { env: collector.env });
    assert.deepEqual(tree(collector.spans, CALLER), [
      ["run traced", ["node ask", "attempt 2"], ["node tell", ["attempt 1", "fetch api"]]],
    ]);
    const again = collector.spans.find(({ name }) => name === "run traced");
    assert.equal(again?.attributes["pipedreamer.run.resumed"], true);
  });
});

/** Follows the events of a run up to the first of that kind. */
async function untilEvent(engine: EngineProcess, runId: string, kind: string): Promise<void> {
  const response = await fetch(`${engine.url}/runs/${runId}/events`);
  assert.ok(response.body !== null);
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    if (text.includes(`"kind":"${kind}"`)) return;
  }
  assert.fail(`no ${kind}`);
}

/** Starts the launcher, and gives what it said. */
async function pd(
  args: readonly string[],
  env: { readonly [name: string]: string },
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const launcher = new URL("../pd", import.meta.url).pathname;
  const { code, stdout, stderr } = await new Deno.Command(launcher, {
    args: [...args],
    env,
    stdin: "null",
  }).output();
  const [out = "", err = ""] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, out, err };
}

const PD_TREE = [
  "run traced",
  ["node ask", ["attempt 1", "fetch api"], ["attempt 2", "fetch api"]],
  ["node tell", ["attempt 1", "fetch api"]],
];

for (const how of ["--otel", "OTEL_DENO=true"]) {
  Deno.test(`pd run sends its spans with ${how}, and the launcher keeps the runtime's own from being sent`, async () => {
    await using service = startService();
    await using collector = startCollector();
    const { OTEL_DENO, OTEL_DENO_TRACING: _, OTEL_DENO_CONSOLE: __, ...env } = collector.env;
    await withFolder(tracedFlow(service.url), async (dir) => {
      const args = ["run", dir, "--secrets", `${dir}/secrets.json`, "--storage", "memory:"];
      const { code, out, err } = how === "--otel"
        ? await pd([...args, "--otel"], env)
        : await pd(args, { ...env, OTEL_DENO: OTEL_DENO ?? "" });
      assert.deepEqual([code, out], [0, "told\n"], err);
      assert.deepEqual(tree(collector.spans, ""), [PD_TREE]);
      for (const body of collector.bodies) assert.ok(!body.includes(CANARY), body);
    });
  });
}

Deno.test("pd runs retry sends its spans too", async () => {
  await using service = startService();
  await using collector = startCollector();
  const { OTEL_DENO: _, ...env } = collector.env;
  await withFolder(tracedFlow(service.url), async (dir) => {
    const at = ["--secrets", `${dir}/secrets.json`, "--storage", `sqlite://${dir}/runs.db`];
    await pd(["run", dir, ...at], env);
    assert.deepEqual(collector.spans, []);
    const { code, err } = await pd(["runs", "retry", "latest", "--otel", ...at], env);
    assert.equal(code, 0, err);
    assert.deepEqual(tree(collector.spans, ""), [PD_TREE]);
  });
});

/** Asks again until somebody listens. */
async function answered(ask: () => Promise<unknown>): Promise<void> {
  for (let i = 0; i < 10_000; i++) {
    try {
      return void await ask();
    } catch (error) {
      if (!/no responders/.test(String(error))) throw error;
    }
  }
  assert.fail("nobody ever listened");
}

Deno.test({
  name: "a message of NATS brings its trace along",
  ignore: nats.status === "missing",
  async fn() {
    await using service = startService();
    await using collector = startCollector();
    await using server = await startNats();
    const more = `triggers:
  - { type: queue, subject: orders.placed }
config: { nats_url: "${server.directUrl}" }
`;
    const files = {
      ...tracedFlow(service.url, more),
      "secrets.json": JSON.stringify({ api: { token: CANARY }, nats: { token: server.token } }),
    };
    await withFolder(files, (dir) =>
      withEngine(argsOf(dir), async (engine) => {
        const client = await connect({ servers: server.directUrl, token: server.token });
        const head = headers();
        head.set("Traceparent", `00-${TRACE}-${CALLER}-01`);
        await answered(() =>
          client.request("orders.placed", "{}", { headers: head, timeout: 20_000 })
        );
        await client.close();
        const metrics = await (await fetch(`${engine.url}/metrics`)).text();
        await stop(engine);
        const ofRun = collector.spans.find(({ name }) => name === "run traced");
        assert.deepEqual([ofRun?.traceId, ofRun?.parentSpanId, ofRun?.kind], [TRACE, CALLER, 5]);
        assert.match(
          metrics,
          /runs_total\{workflow="traced",trigger="queue",status="succeeded"\} 1/,
        );
      }, { env: collector.env }));
  },
});
