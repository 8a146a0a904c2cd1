import assert from "node:assert/strict";
import { testContext } from "./_test_context.ts";
import { redirect, startServer } from "./_test_server.ts";

const TOKEN = "canary-token-4711";
const SECRETS = { hn: { token: TOKEN } };

/** `HOME` and `EVIL` stand for host and port of the service and of somebody else. */
const REFUSED = [
  "@EVIL/x",
  ":pw@EVIL/x",
  ".evil.example/x",
  ":80/x",
  "//EVIL/x",
  "///EVIL/x",
  "/\\EVIL/x",
  "\\\\EVIL/x",
  "\\/EVIL/x",
  "/a\\..\\..\\x",
  "/\t/EVIL/x",
  "\t//EVIL/x",
  "/\n/EVIL/x",
  "/x\r\nHost: EVIL",
  "/x\u0000y",
  "\u007f/x",
  " //EVIL/x",
  " http://EVIL/x",
  "/x ",
  "http:EVIL/x",
  "http:/EVIL/x",
  "http:\\\\EVIL/x",
  "http:///EVIL/x",
  "ht\ttp://EVIL/x",
  "http://token@EVIL/x",
  "http://HOME@EVIL/x",
  "http://HOME:pw@EVIL/x",
  "http://EVIL:99999/x",
  "http://EVIL\uff0fx",
  "http://%zz/x",
  "https:evil",
  "ftp://EVIL/x",
  "file:///etc/passwd",
  "data:text/plain,x",
  "javascript:alert(1)",
  "ws://EVIL/x",
  "",
  "x",
  "../x",
  "?q=1",
  "#f",
  "/../x",
  "/a/../../x",
  "/%2e%2e/x",
  "/.%2E/x",
  "/..%2fx",
  "/%2e%2e%2fx",
  "/..%5cx",
  "/../apix",
];

Deno.test("a path that is neither relative nor a clean URL is refused and nothing is sent", async () => {
  await using service = startServer();
  await using evil = startServer();
  const { ctx } = testContext({
    services: { hn: { url: `${service.url}/api` } },
    secrets: SECRETS,
  });
  for (const row of REFUSED) {
    const path = row.replaceAll("EVIL", hostOf(evil.url)).replaceAll("HOME", hostOf(service.url));
    await assert.rejects(ctx.fetch("hn", path), { code: "SERVICE_PATH" }, JSON.stringify(row));
  }
  await assert.rejects(ctx.fetch("hn", null as unknown as string), { code: "SERVICE_PATH" });
  assert.equal(service.requests.length + evil.requests.length, 0);
});

/** Allowed, but somebody else's origin. */
const FOREIGN = [
  "http://EVIL/x",
  "HTTP://EVIL/x",
  "http://@EVIL/x",
  "http://EVIL/http://HOME/",
  "http://EVIL/@HOME/",
  "http://EVIL?@HOME/",
  "http://EVIL#@HOME/",
  "http://EVIL/\u2028//HOME/",
];

Deno.test("an absolute URL of another origin carries no token", async () => {
  await using service = startServer();
  await using evil = startServer();
  const { ctx } = testContext({ services: { hn: { url: service.url } }, secrets: SECRETS });
  for (const row of FOREIGN) {
    const path = row.replaceAll("EVIL", hostOf(evil.url)).replaceAll("HOME", hostOf(service.url));
    await (await ctx.fetch("hn", path)).body?.cancel();
  }
  assert.equal(evil.requests.length, FOREIGN.length);
  for (const request of evil.requests) {
    assert.ok(![...request.headers.values()].some((value) => value.includes(TOKEN)), request.url);
  }
  assert.equal(service.requests.length, 0);
});

const REACHED = [
  { path: "/users", base: "/api/v1", want: "/api/v1/users" },
  { path: "/users", base: "/api/v1/", want: "/api/v1/users" },
  { path: "/", base: "/api", want: "/api/" },
  { path: "/a/../b?x=../..#f", base: "/api", want: "/api/b?x=../.." },
  { path: "/../x", base: "", want: "/x" },
  { path: "/a b/ü", base: "", want: "/a%20b/%C3%BC" },
  { path: "/@evil.example/x", base: "", want: "/@evil.example/x" },
  { path: "/.evil.example", base: "", want: "/.evil.example" },
  { path: "/https://evil.example/", base: "", want: "/https://evil.example/" },
  { path: "/a%2fb", base: "/api", want: "/api/a%2fb" },
];

for (const { path, base, want } of REACHED) {
  Deno.test(`ctx.fetch() of "${path}" below "${base}" asks for "${want}" with the token`, async () => {
    await using service = startServer();
    const { ctx } = testContext({
      services: { hn: { url: service.url + base } },
      secrets: SECRETS,
    });
    const response = await ctx.fetch("hn", path);
    assert.equal(await response.text(), "ok");
    assert.equal(service.requests[0]?.url, service.url + want);
    assert.equal(service.requests[0]?.headers.get("authorization"), `Bearer ${TOKEN}`);
  });
}

Deno.test("a service without an entry means https://api.<service>.com", async () => {
  const urls: string[] = [];
  const { ctx } = testContext({
    transport: (request) => {
      urls.push(request.url);
      return Promise.resolve(new Response());
    },
  });
  for (const service of ["github", "constructor", "0-x"]) await ctx.fetch(service, "/user");
  assert.deepEqual(urls, [
    "https://api.github.com/user",
    "https://api.constructor.com/user",
    "https://api.0-x.com/user",
  ]);
});

Deno.test("a service name with other characters than a-z, 0-9 and - is refused", async () => {
  const { ctx } = testContext({ transport: () => assert.fail("sent") });
  for (const name of ["", "-a", "A", "a.b", "a/b", "a@b", "a b", "a\n", "ä", "__proto__", "a_b"]) {
    await assert.rejects(ctx.fetch(name, "/"), { code: "SERVICE_NAME" }, name);
  }
});

const CREDENTIALS: readonly {
  is: string;
  keys: { readonly [key: string]: string };
  headers?: HeadersInit;
  want: readonly [authorization: string | null, apiKey: string | null];
}[] = [
  { is: "token", keys: { token: "tok1" }, want: ["Bearer tok1", null] },
  { is: "api_key", keys: { api_key: "key1" }, want: [null, "key1"] },
  { is: "token before api_key", keys: { api_key: "k", token: "t" }, want: ["Bearer t", null] },
  {
    is: "the caller's Authorization",
    keys: { token: "tok1" },
    headers: { AUTHORIZATION: "Basic own" },
    want: ["Basic own", null],
  },
  {
    is: "the caller's X-API-Key",
    keys: { api_key: "key1" },
    headers: [["x-api-key", "own"]],
    want: [null, "own"],
  },
  { is: "neither from other keys", keys: { value: "v" }, want: [null, null] },
];

for (const { is, keys, headers, want } of CREDENTIALS) {
  Deno.test(`ctx.fetch() sends ${is}`, async () => {
    await using service = startServer();
    const { ctx } = testContext({
      services: { hn: { url: service.url } },
      secrets: { hn: keys },
    });
    await (await ctx.fetch("hn", "/", headers === undefined ? {} : { headers })).body?.cancel();
    const sent = service.requests[0]?.headers;
    assert.deepEqual([sent?.get("authorization"), sent?.get("x-api-key")], want);
  });
}

Deno.test("a token that no header may carry is refused without being shown", async () => {
  for (const token of ["two\nlines-secret", "t\u00f6ken-secret", "  "]) {
    const { ctx } = testContext({
      secrets: { github: { token } },
      transport: () => assert.fail("sent"),
    });
    await assert.rejects(ctx.fetch("github", "/"), (error: Error) => {
      assert.equal((error as { code?: string }).code, "SECRETS_INVALID");
      assert.doesNotMatch(Deno.inspect(error), /lines-secret|ken-secret/);
      return true;
    });
  }
});

Deno.test("any status is an answer, also 500", async () => {
  await using service = startServer(() => new Response("broken", { status: 500 }));
  const { ctx } = testContext({ services: { hn: { url: service.url } } });
  const response = await ctx.fetch("hn", "/");
  assert.deepEqual([response.status, await response.text()], [500, "broken"]);
});

Deno.test("ctx.fetch() ends when the node's signal aborts, and when its own does", async () => {
  const waiting = Promise.withResolvers<void>();
  await using service = startServer(async () => {
    await waiting.promise;
    return new Response();
  });
  for (const which of ["node", "own"] as const) {
    const node = new AbortController();
    const own = new AbortController();
    const { ctx } = testContext({
      services: { hn: { url: service.url } },
      signal: node.signal,
    });
    const call = ctx.fetch("hn", "/", { signal: own.signal });
    (which === "node" ? node : own).abort(new Error(`stopped by ${which}`));
    await assert.rejects(call, { message: `stopped by ${which}` });
  }
  waiting.resolve();
});

Deno.test("nothing is sent once the node's signal has aborted", async () => {
  const { ctx } = testContext({
    signal: AbortSignal.abort(new Error("over")),
    transport: () => assert.fail("sent"),
  });
  await assert.rejects(ctx.fetch("hn", "/"), { message: "over" });
});

Deno.test({
  name: "a host that the node may not reach is PERMISSION_DENIED with the line to add",
  permissions: { net: ["127.0.0.1"] },
  fn: async () => {
    const { ctx } = testContext();
    await assert.rejects(ctx.fetch("github", "/user"), {
      code: "PERMISSION_DENIED",
      fix: 'Add to node "fetch" in workflow.yaml: permissions: { net: [api.github.com] }',
    });
  },
});

Deno.test("a redirect to a host that the node may not reach names that host", {
  permissions: { net: ["127.0.0.1"] },
}, async () => {
  await using service = startServer(() => redirect(302, "https://cdn.example:8443/x"));
  const { ctx } = testContext({ services: { hn: { url: service.url } } });
  await assert.rejects(ctx.fetch("hn", "/"), { fix: /net: \[cdn\.example:8443\]/ });
});

function hostOf(url: string): string {
  return new URL(url).host;
}
