import assert from "node:assert/strict";
import { FakeClock } from "../clock/mod.ts";
import { untilStopped, withApp } from "./_test_server.ts";
import { KEY_TTL_MS } from "./idempotency.ts";

Deno.test("POST /run answers with the result of the run", () =>
  withApp({}, async ({ post }) => {
    const response = await post("/run", { topic: "deno" });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-type"), "application/json; charset=utf-8");
    const result = await response.json();
    assert.equal(result.success, true);
    assert.equal(result.status, "succeeded");
    assert.deepEqual(result.outputs, { echo: { topic: "deno" } });
    assert.deepEqual(result.errors, {});
    assert.deepEqual(Object.keys(result.timing.nodeTimings), ["echo"]);
    assert.match(result.runId, /^[0-9a-f-]{36}$/);
  }));

Deno.test("POST /run takes an empty body for {}, and any content type", () =>
  withApp({}, async ({ post }) => {
    const types = [
      undefined,
      "application/x-www-form-urlencoded",
      "text/plain",
      "application/json",
    ];
    for (const type of types) {
      const headers: Record<string, string> = type === undefined ? {} : { "content-type": type };
      const empty = await (await post("/run", undefined, headers)).json();
      assert.deepEqual(empty.outputs, { echo: {} }, type);
      const full = await (await post("/run", '{"a":1}', headers)).json();
      assert.deepEqual(full.outputs, { echo: { a: 1 } }, type);
    }
    assert.deepEqual((await (await post("/run", " \n")).json()).outputs, { echo: {} });
  }));

Deno.test("POST /run takes any JSON value as input", () =>
  withApp({}, async ({ post }) => {
    for (const input of [null, 7, "text", [1, 2], true]) {
      const result = await (await post("/run", JSON.stringify(input))).json();
      assert.deepEqual(result.outputs, { echo: input });
    }
  }));

Deno.test("POST /run of a run that fails is a 500 of the same shape", () =>
  withApp({
    nodes: {
      broken() {
        throw new Error("no such story");
      },
      after: () => 1,
    },
  }, async ({ post }) => {
    const response = await post("/run");
    assert.equal(response.status, 500);
    const result = await response.json();
    assert.equal(result.success, false);
    assert.equal(result.status, "failed");
    assert.match(result.errors.broken, /^NODE_FAILED: /);
    assert.deepEqual(result.outputs, {});
  }));

Deno.test("POST /run answers 400 to a body that is not JSON, without quoting it", () =>
  withApp({}, async ({ post, send, workflow }) => {
    const bodies = ["topic=deno", '{"a": canary}', '{"a": ', "{'a': 1}"];
    for (const body of bodies) {
      const response = await post("/run", body);
      assert.equal(response.status, 400, body);
      const { error } = await response.json();
      assert.equal(error.code, "BAD_REQUEST");
      assert.match(error.fix, /^curl -d /);
      assert.ok(!error.message.includes("canary"));
    }
    const binary = await send("/run", { method: "POST", body: new Uint8Array([0x22, 0xff, 0x22]) });
    assert.equal(binary.status, 400);
    assert.match((await binary.json()).error.message, /UTF-8/);
    assert.equal((await workflow.runs()).length, 0);
  }));

Deno.test("POST /run says what about a body is not JSON, and where", () =>
  withApp({}, async ({ post }) => {
    const cases: readonly [string, RegExp][] = [
      ['{"a": ', /it ends too early/],
      ["topic=deno", /unexpected "o"/],
      ['{\n  "a": 1\n  b: 2}', /line 3, column 3/],
    ];
    for (const [body, message] of cases) {
      assert.match((await (await post("/run", body)).json()).error.message, message, body);
    }
  }));

Deno.test("POST /run answers 400 with every problem of the input", () =>
  withApp({
    inputs: {
      topic: { type: "string", required: true },
      limit: { type: "integer" },
    },
  }, async ({ post }) => {
    const response = await post("/run", { limit: "many" });
    assert.equal(response.status, 400);
    const { error } = await response.json();
    assert.equal(error.code, "INPUT_INVALID");
    assert.deepEqual(
      error.problems.map((problem: { input: string }) => problem.input),
      ["topic", "limit"],
    );
    for (const name of ["topic", "limit"]) assert.ok(error.message.includes(`"${name}"`));
  }));

Deno.test("POST /run answers 413 to a body that announces too much, or turns out to be too much", () =>
  withApp({ maxBodyBytes: 100 }, async ({ post, send }) => {
    const large = JSON.stringify("x".repeat(200));
    const announced = await post("/run", large, { "content-length": String(large.length) });
    assert.equal(announced.status, 413);
    let pulled = 0;
    const endless = new ReadableStream({
      pull(controller) {
        pulled++;
        controller.enqueue(new TextEncoder().encode("x".repeat(60)));
      },
    });
    const streamed = await send("/run", { method: "POST", body: endless });
    assert.equal(streamed.status, 413);
    assert.equal((await streamed.json()).error.code, "BODY_TOO_LARGE");
    assert.ok(pulled < 5, `${pulled} chunks were read`);
    assert.equal((await post("/run", JSON.stringify("x".repeat(98)))).status, 200);
  }));

Deno.test("POST /run answers 429 when as many runs go on as may", () =>
  withApp({ maxConcurrentRuns: 2, nodes: { slow: untilStopped } }, async ({ post, workflow }) => {
    await post("/run?wait=false");
    await post("/run?wait=false");
    const response = await post("/run");
    assert.equal(response.status, 429);
    assert.equal(response.headers.get("retry-after"), "1");
    assert.equal((await response.json()).error.code, "QUEUE_FULL");
    assert.equal(workflow.activeRuns, 2);
  }));

Deno.test("POST /run answers 503 while the engine drains", () =>
  withApp({}, async ({ post, workflow }) => {
    await workflow.drain(0);
    const response = await post("/run");
    assert.equal(response.status, 503);
    assert.equal(response.headers.get("retry-after"), "5");
    assert.equal((await response.json()).error.code, "DRAINING");
  }));

Deno.test("POST /run?wait=false answers 202 with the id and where to look", () =>
  withApp({ nodes: { slow: untilStopped } }, async ({ post, workflow }) => {
    const response = await post("/run?wait=false");
    assert.equal(response.status, 202);
    const { runId } = await response.json();
    assert.equal(response.headers.get("location"), `/runs/${runId}`);
    assert.equal((await workflow.run(runId))?.status, "running");
    assert.equal((await post("/run?wait=perhaps")).status, 400);
  }));

Deno.test("POST /run refuses input in the query instead of ignoring it", () =>
  withApp({}, async ({ post }) => {
    const response = await post("/run?topic=deno");
    assert.equal(response.status, 400);
    assert.match((await response.json()).error.fix, /GET \/run\?topic/);
  }));

Deno.test("GET /run makes the input from the query, by the declared types", () =>
  withApp({
    inputs: {
      topic: { type: "string" },
      limit: { type: "integer" },
      ratio: { type: "number" },
      deep: { type: "boolean" },
      tags: { type: "array" },
      filter: { type: "object" },
    },
  }, async ({ json, send }) => {
    const cases: readonly [string, unknown][] = [
      ["", {}],
      ["?", {}],
      ["?topic=deno", { topic: "deno" }],
      ["?topic=42", { topic: "42" }],
      ["?limit=5&ratio=0.5&deep=true", { limit: 5, ratio: 0.5, deep: true }],
      ["?tags=a,b", { tags: ["a", "b"] }],
      ["?tags=a&tags=b", { tags: ["a", "b"] }],
      ["?tags=%5B1%5D", { tags: [1] }],
      ["?filter=%7B%22a%22%3A1%7D", { filter: { a: 1 } }],
      ["?topic=x&wait=true", { topic: "x" }],
    ];
    for (const [query, input] of cases) {
      const { outputs } = await json(`/run${query}`);
      assert.deepEqual(outputs, { echo: input }, query);
    }
    assert.equal((await send("/run?limit=many")).status, 400);
  }));

Deno.test("HEAD /run starts nothing, and neither does a page loaded ahead of need", () =>
  withApp({}, async ({ send, workflow }) => {
    const head = await send("/run", { method: "HEAD" });
    assert.equal(head.status, 405);
    assert.equal(head.headers.get("allow"), "GET, POST");
    for (const purpose of ["prefetch", "prefetch;prerender"]) {
      const response = await send("/run", { headers: { "sec-purpose": purpose } });
      assert.equal(response.status, 403);
    }
    assert.equal((await workflow.runs()).length, 0);
  }));

Deno.test("a key starts one run, however often and at once it comes", () => {
  const gate = Promise.withResolvers<void>();
  return withApp({ nodes: { node: () => gate.promise } }, async ({ post, workflow }) => {
    const key = { "idempotency-key": "order-17" };
    const waiting = Array.from({ length: 20 }, () => post("/run", { a: 1 }, key));
    gate.resolve();
    const results = await Promise.all(waiting.map(async (response) => (await response).json()));
    assert.equal(new Set(results.map((result) => result.runId)).size, 1);
    assert.equal((await workflow.runs()).length, 1);
    const again = await post("/run?wait=false", { a: 1 }, key);
    assert.equal(again.status, 202);
    assert.equal((await again.json()).runId, results[0].runId);
  });
});

Deno.test("a key that comes again while as many runs go on as may is no 429, but its run", () => {
  const gate = Promise.withResolvers<void>();
  const nodes = { node: () => gate.promise };
  return withApp({ nodes, maxConcurrentRuns: 1 }, async ({ post, workflow }) => {
    const key = { "idempotency-key": "order-17" };
    const waiting = Array.from({ length: 5 }, () => post("/run", { a: 1 }, key));
    const again = await post("/run?wait=false", { a: 1 }, key);
    assert.equal(again.status, 202);
    assert.equal((await post("/run", { a: 1 })).status, 429);
    assert.equal((await post("/run", { a: 2 }, key)).status, 422);
    assert.equal((await post("/run", { a: 1 }, { "idempotency-key": "order-18" })).status, 429);
    gate.resolve();
    const { runId } = await again.json();
    for (const response of await Promise.all(waiting)) {
      assert.deepEqual([response.status, (await response.json()).runId], [200, runId]);
    }
    assert.equal((await workflow.runs()).length, 1);
  });
});

Deno.test("a key with another input is a 422, and the same input in other words is not", () =>
  withApp({}, async ({ post }) => {
    const key = { "idempotency-key": "order-17" };
    assert.equal((await post("/run", '{"a":1}', key)).status, 200);
    assert.equal((await post("/run", '{ "a": 1 }', key)).status, 200);
    const other = await post("/run", '{"a":2}', key);
    assert.equal(other.status, 422);
    assert.equal((await other.json()).error.code, "IDEMPOTENCY_CONFLICT");
  }));

Deno.test("a key is forgotten after a day", () => {
  const clock = new FakeClock(1000);
  return withApp({ clock }, async ({ post, workflow }) => {
    const key = { "idempotency-key": "order-17" };
    await post("/run", "{}", key);
    await clock.advance(KEY_TTL_MS - 1);
    await post("/run", "{}", key);
    assert.equal((await workflow.runs()).length, 1);
    await clock.advance(1);
    await post("/run", "{}", key);
    assert.equal((await workflow.runs()).length, 2);
  });
});

Deno.test("a key whose run is no longer remembered gives its id, or 410, but never a second run", () =>
  withApp({ historyLimit: 1 }, async ({ post, workflow }) => {
    const key = { "idempotency-key": "order-17" };
    const { runId } = await (await post("/run", "{}", key)).json();
    await post("/run");
    await post("/run");
    assert.equal((await post("/run", "{}", key)).status, 410);
    const accepted = await post("/run?wait=false", "{}", key);
    assert.deepEqual([accepted.status, (await accepted.json()).runId], [202, runId]);
    assert.equal(workflow.stats().finishedRuns, 3);
  }));

Deno.test("a key of a run that could not start is free for another try", () =>
  withApp({ inputs: { topic: { type: "string", required: true } } }, async ({ post }) => {
    const key = { "idempotency-key": "order-17" };
    assert.equal((await post("/run", "{}", key)).status, 400);
    assert.equal((await post("/run", '{"topic":"deno"}', key)).status, 200);
    assert.equal((await post("/run", "{}", { "idempotency-key": "x".repeat(256) })).status, 400);
  }));

Deno.test("a client that goes away does not cancel its run", () => {
  const gate = Promise.withResolvers<void>();
  return withApp({ nodes: { node: () => gate.promise } }, async ({ send, workflow }) => {
    const abort = new AbortController();
    const answer = send("/run", { method: "POST", signal: abort.signal });
    await Promise.resolve();
    abort.abort();
    gate.resolve();
    await answer;
    assert.equal((await workflow.runs())[0]?.status, "succeeded");
  });
});

Deno.test("an answer never holds a secret", () =>
  withApp({
    secrets: { github: { token: "canary-1234" } },
    nodes: { leak: () => ({ url: "https://x/?t=canary-1234" }) },
  }, async ({ post, json }) => {
    const result = await (await post("/run", { echo: "canary-1234" })).json();
    const { runId } = result;
    const shown = [result, await json(`/runs/${runId}`), await json("/runs")];
    assert.ok(!JSON.stringify(shown).includes("canary"));
    assert.deepEqual(result.outputs, { leak: { url: "https://x/?t=***" } });
  }));
