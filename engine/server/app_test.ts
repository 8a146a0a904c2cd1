import assert from "node:assert/strict";
import { withApp } from "./_test_server.ts";

Deno.test("an unknown path is a 404 that names the nearest one and lists all", () =>
  withApp({}, async ({ send }) => {
    const cases: readonly [string, string | undefined][] = [
      ["/rnu", "/run"],
      ["/run/", "/run"],
      ["/helth", "/health"],
      ["/Ready", "/ready"],
      ["/favicon.ico", undefined],
      ["/", undefined],
    ];
    for (const [path, meant] of cases) {
      const response = await send(path);
      assert.equal(response.status, 404, path);
      const { error } = await response.json();
      assert.equal(error.code, "NOT_FOUND");
      assert.equal(/Did you mean "(.*?)"/.exec(error.fix)?.[1], meant, path);
      assert.match(error.fix, /\/run, \/runs, /);
    }
  }));

Deno.test("a wrong method is a 405 with Allow", () =>
  withApp({}, async ({ send }) => {
    const cases: readonly [string, string, string][] = [
      ["DELETE", "/run", "GET, POST"],
      ["POST", "/runs", "GET, HEAD"],
      ["PUT", "/health", "GET, HEAD"],
      ["GET", "/runs/x/cancel", "POST"],
      ["HEAD", "/runs/x/cancel", "POST"],
    ];
    for (const [method, path, allow] of cases) {
      const response = await send(path, { method });
      assert.equal(response.status, 405, `${method} ${path}`);
      assert.equal(response.headers.get("allow"), allow);
    }
  }));

Deno.test("OPTIONS says what a path takes, and opens it to no other origin", () =>
  withApp({}, async ({ send }) => {
    const response = await send("/runs", { method: "OPTIONS" });
    assert.equal(response.status, 204);
    assert.equal(response.headers.get("allow"), "GET, HEAD");
    assert.equal(response.headers.get("access-control-allow-origin"), null);
  }));

Deno.test("HEAD answers as GET does, without a body", () =>
  withApp({}, async ({ send, post }) => {
    const { runId } = await (await post("/run")).json();
    for (const path of ["/health", "/ready", "/workflow", "/runs", "/metrics", `/runs/${runId}`]) {
      const head = await send(path, { method: "HEAD" });
      assert.equal(head.status, 200, path);
      assert.equal(await head.text(), "", path);
      const get = await send(path);
      await get.body?.cancel();
      assert.equal(head.headers.get("content-type"), get.headers.get("content-type"), path);
    }
    const events = await send(`/runs/${runId}/events`, { method: "HEAD" });
    assert.equal(events.headers.get("content-type"), "text/event-stream; charset=utf-8");
  }));

Deno.test("every answer tells browsers not to guess its type, store it or share it", () =>
  withApp({}, async ({ send, post }) => {
    const answers = [
      await post("/run"),
      await send("/health"),
      await send("/metrics"),
      await send("/nowhere"),
      await send("/run", { method: "PUT" }),
      await send("/run", { headers: { origin: "http://evil.example" } }),
    ];
    for (const { headers, body } of answers) {
      await body?.cancel();
      assert.equal(headers.get("x-content-type-options"), "nosniff");
      assert.equal(headers.get("cache-control"), "no-store");
      assert.equal(headers.get("access-control-allow-origin"), null);
    }
  }));

Deno.test("an unforeseen error is a 500 that keeps its words for the log", () =>
  withApp({}, async ({ send, workflow, faults }) => {
    Object.defineProperty(workflow, "current", {
      get() {
        throw new Error("canary");
      },
    });
    const response = await send("/workflow");
    assert.equal(response.status, 500);
    const text = await response.text();
    assert.match(text, /"code":"INTERNAL"/);
    assert.ok(!text.includes("canary"));
    assert.deepEqual(faults.map((fault) => (fault as Error).message), ["canary"]);
    assert.equal((await send("/nowhere")).status, 404);
    assert.equal(faults.length, 1);
    Reflect.deleteProperty(workflow, "current");
  }));
