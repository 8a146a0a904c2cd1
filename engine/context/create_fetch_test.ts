import assert from "node:assert/strict";
import { testContext } from "./_test_context.ts";
import { redirect, startServer } from "./_test_server.ts";
import { createFetch } from "./create_fetch.ts";
import { liveTransport } from "./live_transport.ts";
import { lastRetryAfterMs } from "./retry_after.ts";
import type { Transport } from "./transport.ts";

const noContext = () => undefined;

Deno.test("a bare fetch() takes text, URL and Request alike, names no service and adds no token", async () => {
  const seen: [string, string, string, string | undefined, string | null][] = [];
  const transport: Transport = async (request, service) => {
    const token = request.headers.get("authorization");
    seen.push([request.method, request.url, await request.text(), service, token]);
    return new Response();
  };
  const { ctx } = testContext({ secrets: { github: { token: "canary-token" } } });
  const fetch = createFetch(transport, () => ctx);
  const url = "https://api.github.com/x";
  const init = { method: "POST", body: "b" };
  await fetch(url, init);
  await fetch(new URL(url), init);
  await fetch(new Request(url, init));
  await fetch(new Request(url, { method: "PUT" }), init);
  assert.deepEqual(seen, Array(4).fill(["POST", url, "b", undefined, null]));
});

Deno.test("a bare fetch() carries the signal of the node that calls", async () => {
  const controller = new AbortController();
  const { ctx } = testContext({ signal: controller.signal });
  const fetch = createFetch(
    (request) =>
      new Promise((_resolve, reject) => {
        request.signal.addEventListener("abort", () => reject(request.signal.reason));
      }),
    () => ctx,
  );
  const call = fetch("https://a.example/");
  controller.abort(new Error("over"));
  await assert.rejects(call, { message: "over" });
});

Deno.test("a bare fetch() follows redirects, sends a Request's body again, and drops credentials", async () => {
  await using other = startServer();
  await using first = startServer(() => redirect(307, `${other.url}/to`));
  const fetch = createFetch(liveTransport, noContext);
  const headers = { authorization: "Bearer own" };
  const response = await fetch(
    new Request(`${first.url}/`, { method: "POST", body: "again", headers }),
  );
  assert.equal(await response.text(), "ok");
  assert.deepEqual([other.requests[0]?.body, other.requests[0]?.method], ["again", "POST"]);
  assert.equal(other.requests[0]?.headers.get("authorization"), null);
});

Deno.test("a bare fetch() remembers Retry-After", async () => {
  const { ctx } = testContext();
  const answer = new Response(null, { status: 429, headers: { "retry-after": "9" } });
  await createFetch(() => Promise.resolve(answer), () => ctx)("https://a.example/");
  assert.notEqual(lastRetryAfterMs(ctx), undefined);
});

Deno.test("a bare fetch() of data: and blob: stays inside the process", async () => {
  const fetch = createFetch(() => assert.fail("asked"), noContext);
  assert.equal(await (await fetch("data:text/plain,hello")).text(), "hello");
  const url = URL.createObjectURL(new Blob(["blob"]));
  assert.equal(await (await fetch(url)).text(), "blob");
  URL.revokeObjectURL(url);
});

Deno.test("a bare fetch() of no URL rejects", async () => {
  const fetch = createFetch(() => assert.fail("asked"), noContext);
  await assert.rejects(fetch("/relative"), TypeError);
});

Deno.test({
  name: "a bare fetch() to a refused host is PERMISSION_DENIED",
  permissions: "none",
  fn: async () => {
    const { ctx } = testContext();
    const call = createFetch(liveTransport, () => ctx)("https://a.example/");
    await assert.rejects(call, { code: "PERMISSION_DENIED", fix: /net: \[a\.example\]/ });
  },
});
