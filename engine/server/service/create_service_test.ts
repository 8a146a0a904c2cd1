import assert from "node:assert/strict";
import { fakeRegistry, plainGroup, testService } from "./_test_service.ts";
import { createService } from "./create_service.ts";
import type { ServiceRoute } from "./route.ts";

function route(
  path: string,
  { method = "GET", scope = "read", handle }: Partial<ServiceRoute> = {},
): ServiceRoute {
  return {
    method,
    path,
    scope,
    handle: handle ?? ((request, { principal, params }) =>
      Response.json({
        who: principal.subject,
        scope: principal.scope,
        params,
        method: request.method,
      })),
  };
}

const ROUTES = [
  route("/things"),
  route("/things/:id"),
  route("/things/:id/start", { method: "POST", scope: "run" }),
  route("/settings", { method: "PUT", scope: "admin" }),
  route("/page", {
    scope: "public",
    handle: () => new Response("<p>", { headers: { "content-type": "text/html" } }),
  }),
];

Deno.test("a request without a token is answered with 401, as its group writes errors", async () => {
  const { send } = testService(ROUTES);
  const response = await send("/things");
  assert.equal(response.status, 401);
  assert.equal(await response.text(), "first: TOKEN_MISSING");
  assert.equal(response.headers.get("www-authenticate"), "Bearer");
});

Deno.test("a token is taken from the header in any case, and from the cookie", async () => {
  const { send, token } = testService(ROUTES);
  const text = await token();
  for (
    const headers of [
      { authorization: `Bearer ${text}` },
      { authorization: `bearer ${text}` },
      { authorization: `BEARER  ${text}` },
      { cookie: `a=b; jwt=${text}; c=d` },
      { authorization: "Basic abc", cookie: `jwt=${text}` },
    ]
  ) {
    const response = await send("/things/a%20b", { headers });
    assert.deepEqual(await response.json(), {
      who: "ann",
      scope: "admin",
      params: { id: "a b" },
      method: "GET",
    });
  }
  const wrong = await send("/things", { headers: { cookie: "xjwt=a; jwt2=b" } });
  assert.equal(await wrong.text(), "first: TOKEN_MISSING");
});

const SCOPES = [
  ["read", "GET", "/things", 200],
  ["read", "POST", "/things/1/start", 403],
  ["run", "POST", "/things/1/start", 200],
  ["run", "PUT", "/settings", 403],
  ["admin", "PUT", "/settings", 200],
] as const;

for (const [scope, method, path, status] of SCOPES) {
  Deno.test(`${method} ${path} with the scope ${scope} is answered with ${status}`, async () => {
    const { send, bearer } = testService(ROUTES);
    const response = await send(path, { method, headers: await bearer({ scope }) });
    assert.equal(response.status, status);
    await response.body?.cancel();
  });
}

Deno.test("a token expires while the server runs", async () => {
  const { send, bearer, clock } = testService(ROUTES);
  const headers = await bearer({ ttlMs: 1000 });
  assert.equal((await send("/things", { headers })).status, 200);
  await clock.advance(1000);
  assert.equal(await (await send("/things", { headers })).text(), "first: TOKEN_INVALID");
});

Deno.test("a path that takes other methods says which, HEAD and OPTIONS are answered", async () => {
  const { send, bearer } = testService(ROUTES);
  const wrong = await send("/things", { method: "DELETE" });
  assert.equal(wrong.status, 405);
  assert.equal(wrong.headers.get("allow"), "GET, HEAD");
  assert.equal(await wrong.text(), "first: METHOD_NOT_ALLOWED");
  const options = await send("/things/1/start", { method: "OPTIONS" });
  assert.equal(options.status, 204);
  assert.equal(options.headers.get("allow"), "POST");
  assert.equal(options.headers.get("access-control-allow-origin"), null);
  const head = await send("/things", { method: "HEAD", headers: await bearer() });
  assert.equal(head.status, 200);
  assert.equal(await head.text(), "");
  assert.equal((await send("/things", { method: "HEAD" })).status, 401);
});

Deno.test("errors look as those of the group whose path is nearest", async () => {
  const { send } = testService([], {
    groups: [
      plainGroup("first", [route("/jobs/list")]),
      plainGroup("api", [route("/api/v1/runs/:id"), route("/api/v1/runs")]),
      plainGroup("page", [route("/ui/*"), route("/api/docs")]),
    ],
  });
  for (
    const [path, want] of [
      ["/nothing", "first: NOT_FOUND"],
      ["/jobs", "first: NOT_FOUND"],
      ["/api/v1/nothing", "api: NOT_FOUND"],
      ["/api/v1/runs/1/2", "api: NOT_FOUND"],
      ["/api/v1/runs/1", "api: TOKEN_MISSING"],
      ["/ui/a/b.js", "page: TOKEN_MISSING"],
      ["/api/docs/x", "page: NOT_FOUND"],
      ["/api//", "api: NOT_FOUND"],
    ] as const
  ) assert.equal(await (await send(path)).text(), want, path);
});

Deno.test("a failure that nobody foresaw is 500, and its words go to the log alone", async () => {
  const { send, bearer, faults } = testService([
    route("/broken", {
      handle: () => {
        throw new Error("the password is swordfish");
      },
    }),
  ]);
  const response = await send("/broken", { headers: await bearer() });
  assert.equal(response.status, 500);
  assert.equal(await response.text(), "first: INTERNAL");
  assert.equal(faults.length, 1);
});

Deno.test("a group that cannot even write its error does not take the server down", async () => {
  const { send, faults } = testService([], {
    groups: [{
      routes: [route("/a")],
      answerError: () => {
        throw new Error("broken");
      },
    }],
  });
  assert.equal((await send("/a")).status, 500);
  assert.equal(faults.length, 1);
});

Deno.test("every answer has the headers that keep it private; a page may load its own files", async () => {
  const { send } = testService(ROUTES);
  for (const path of ["/page", "/things", "/nothing"]) {
    const { headers } = await send(path);
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("x-frame-options"), "DENY");
    assert.equal(headers.get("referrer-policy"), "same-origin");
    assert.equal(headers.get("cross-origin-resource-policy"), "same-origin");
    assert.equal(headers.get("cross-origin-opener-policy"), "same-origin");
    assert.equal(headers.get("cache-control"), "no-store");
    assert.equal(headers.get("access-control-allow-origin"), null);
    const policy = headers.get("content-security-policy") ?? "";
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.equal(policy.includes("script-src 'self'"), path === "/page");
    assert.ok(!policy.includes("unsafe"));
  }
});

Deno.test("headers that cannot be changed are no obstacle", async () => {
  const { send } = testService([
    route("/away", {
      scope: "public",
      handle: () => Response.redirect("http://127.0.0.1:9009/page"),
    }),
  ]);
  const response = await send("/away");
  assert.equal(response.status, 302);
  assert.equal(response.headers.get("x-frame-options"), "DENY");
});

Deno.test("without tokens everybody of this machine is the operator, by the names of this machine", async () => {
  const { send } = testService(ROUTES, { auth: null });
  assert.equal((await send("/settings", { method: "PUT" })).status, 200);
  const rebound = await send("/things", { headers: { host: "evil.example" } });
  assert.equal(rebound.status, 403);
  assert.equal(await (await send("/login", { method: "POST" })).text(), "first: NOT_FOUND");
});

Deno.test("health and readiness take no token; a server that stops is not ready", async () => {
  const { send } = testService(ROUTES);
  assert.deepEqual(await (await send("/health")).json(), { status: "ok" });
  assert.deepEqual(await (await send("/ready")).json(), { status: "ready" });
  const stopping = testService(ROUTES, { registry: fakeRegistry([], { isDraining: true }) });
  assert.equal((await stopping.send("/health")).status, 200);
  const response = await stopping.send("/ready");
  assert.equal(response.status, 503);
  assert.equal(response.headers.get("retry-after"), "5");
  await response.body?.cancel();
});

Deno.test("a request whose Host makes no address is refused, and is no fault of the server", async () => {
  const faults: unknown[] = [];
  const { handle } = createService({
    registry: fakeRegistry(),
    groups: [],
    auth: undefined,
    host: "127.0.0.1",
    port: 9009,
    onFault: (error) => void faults.push(error),
  });
  for (const url of ["http://a b/<>?/things", "http://[/things", "http://a:99999/"]) {
    const request = { url, method: "GET", headers: new Headers() } as Request;
    const response = await handle(request, "10.0.0.1");
    assert.equal(response.status, 400);
    assert.equal(response.headers.get("x-content-type-options"), "nosniff");
    assert.equal((await response.json()).error.code, "BAD_REQUEST");
  }
  assert.deepEqual(faults, []);
});
