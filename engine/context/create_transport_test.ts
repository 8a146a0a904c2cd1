import assert from "node:assert/strict";
import { testContext } from "./_test_context.ts";
import { startServer } from "./_test_server.ts";
import { createTransport } from "./create_transport.ts";
import { liveTransport } from "./live_transport.ts";
import type { HttpExchange, HttpMode } from "./transport.ts";

Deno.test("live mode is the live transport itself", () => {
  assert.equal(createTransport({ kind: "live" }, "fetch"), liveTransport);
});

Deno.test("record mode saves each exchange and gives the node the whole response", async () => {
  await using service = startServer(() =>
    new Response("pong", { status: 201, headers: { "set-cookie": "a=1" } })
  );
  const saved: [HttpExchange, string][] = [];
  const mode: HttpMode = {
    kind: "record",
    save: (exchange, node) => {
      saved.push([exchange, node]);
      return Promise.resolve();
    },
  };
  const { ctx } = testContext({
    services: { echo: { url: service.url } },
    secrets: { echo: { token: "canary-token" } },
    transport: createTransport(mode, "fetch"),
  });
  const response = await ctx.fetch("echo", "/ping", { method: "POST", body: "ping" });
  assert.deepEqual(
    [await response.text(), response.headers.get("set-cookie"), response.url],
    ["pong", "a=1", `${service.url}/ping`],
  );
  const [exchange, node] = saved[0] ?? assert.fail("nothing saved");
  assert.equal(node, "fetch");
  assert.deepEqual(
    [exchange.service, exchange.method, exchange.requestBody, exchange.status, exchange.body],
    ["echo", "POST", { text: "ping" }, 201, { text: "pong" }],
  );
  assert.doesNotMatch(JSON.stringify(saved), /canary-token|set-cookie/);
});

Deno.test("answer mode never goes to the network, and redirects are asked for one by one", async () => {
  const urls: string[] = [];
  const mode: HttpMode = {
    kind: "answer",
    answer: (call) => {
      urls.push(call.url);
      const isFirst = urls.length === 1;
      return Promise.resolve({
        status: isFirst ? 302 : 200,
        headers: isFirst ? { location: "/new" } : {},
        body: { text: "there" },
      });
    },
  };
  const { ctx } = testContext({ transport: createTransport(mode, "fetch") });
  assert.equal(await (await ctx.fetch("github", "/old")).text(), "there");
  assert.deepEqual(urls, ["https://api.github.com/old", "https://api.github.com/new"]);
});

Deno.test("answer mode ends with the node's signal though the answer never comes", async () => {
  const controller = new AbortController();
  const mode: HttpMode = { kind: "answer", answer: () => new Promise(() => {}) };
  const { ctx } = testContext({
    transport: createTransport(mode, "fetch"),
    signal: controller.signal,
  });
  const call = ctx.fetch("github", "/");
  controller.abort(new Error("over"));
  await assert.rejects(call, { message: "over" });
});
