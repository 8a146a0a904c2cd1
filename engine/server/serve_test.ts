import assert from "node:assert/strict";
import { serve } from "./serve.ts";
import { untilStopped, withWorkflow } from "./_test_server.ts";

Deno.test("serve() answers on a free port, and says where", () =>
  withWorkflow({}, async (workflow) => {
    let told = "";
    await using server = serve(workflow, { port: 0, onListen: ({ url }) => told = url });
    assert.equal(told, server.url);
    assert.match(server.url, /^http:\/\/127\.0\.0\.1:\d+$/);
    const response = await fetch(`${server.url}/run`, { method: "POST", body: '{"a":1}' });
    assert.deepEqual((await response.json()).outputs, { echo: { a: 1 } });
    const rebound = await fetch(`${server.url}/run`, {
      headers: { origin: "http://evil.example" },
    });
    assert.equal(rebound.status, 403);
    await rebound.body?.cancel();
  }));

Deno.test("serve() says which port is taken, and by what to get around it", () =>
  withWorkflow({}, async (workflow) => {
    await using server = serve(workflow, { port: 0 });
    assert.throws(() => serve(workflow, { port: server.port }), {
      code: "ADDRESS_IN_USE",
      fix: `--port ${server.port + 1}`,
    });
    assert.throws(() => serve(workflow, { port: 0, host: "203.0.113.1" }), { code: "USAGE" });
  }));

Deno.test("shutdown() answers every accepted run, cancelled ones too, and refuses new ones", () => {
  const gate = Promise.withResolvers<void>();
  return withWorkflow({
    nodes: {
      node: (call) => (call.input as { stuck?: boolean }).stuck ? untilStopped(call) : gate.promise,
    },
  }, async (workflow) => {
    const server = serve(workflow, { port: 0, graceMs: 50 });
    const post = (input: unknown) =>
      fetch(`${server.url}/run`, { method: "POST", body: JSON.stringify(input) });
    const accepted = Promise.withResolvers<void>();
    let started = 0;
    workflow.subscribe((event) => {
      if (event.kind === "run.started" && ++started === 2) accepted.resolve();
    });
    const quick = post({});
    const stuck = post({ stuck: true });
    await accepted.promise;
    const closed = server.shutdown();
    assert.equal(server.shutdown(), closed);
    const late = await post({});
    assert.equal(late.status, 503);
    await late.body?.cancel();
    gate.resolve();
    assert.equal((await (await quick).json()).status, "succeeded");
    const cancelled = await stuck;
    assert.equal(cancelled.status, 500);
    assert.equal((await cancelled.json()).status, "cancelled");
    await closed;
    await server.finished;
  });
});
