import assert from "node:assert/strict";
import { testContext } from "./_test_context.ts";
import { redirect, startServer } from "./_test_server.ts";

const TOKEN = "canary-token-4711";

/** Everything that a caller may send with a secret in it. */
const HEADERS = {
  "X-API-Key": "own-api-key",
  Cookie: "session=1",
  "Proxy-Authorization": "Basic x",
  "Private-Token": TOKEN,
  Accept: "text/plain",
};

for (const status of [301, 302, 303, 307, 308]) {
  Deno.test(`a redirect with ${status} to another origin drops every credential`, async () => {
    await using evil = startServer();
    await using service = startServer(() => redirect(status, `${evil.url}/taken`));
    const { ctx } = testContext({
      services: { hn: { url: service.url } },
      secrets: { hn: { token: TOKEN } },
    });
    const response = await ctx.fetch("hn", "/", { headers: HEADERS });
    assert.deepEqual(
      [await response.text(), response.url, response.redirected],
      ["ok", `${evil.url}/taken`, true],
    );
    const sent = evil.requests[0]?.headers ?? new Headers();
    for (const name of ["authorization", ...Object.keys(HEADERS)]) {
      assert.equal(sent.get(name), name === "Accept" ? "text/plain" : null, name);
    }
    assert.equal(service.requests[0]?.headers.get("authorization"), `Bearer ${TOKEN}`);
  });
}

Deno.test("a token that was dropped does not come back when the way leads home", async () => {
  await using evil = startServer((url) => redirect(302, url.searchParams.get("to") ?? ""));
  await using service = startServer((url) =>
    url.pathname === "/home"
      ? new Response("home")
      : redirect(302, `${evil.url}/?to=${url.origin}/home`)
  );
  const { ctx } = testContext({
    services: { hn: { url: service.url } },
    secrets: { hn: { token: TOKEN } },
  });
  assert.equal(await (await ctx.fetch("hn", "/")).text(), "home");
  assert.deepEqual(
    service.requests.map((request) => request.headers.get("authorization")),
    [`Bearer ${TOKEN}`, null],
  );
});

Deno.test("a redirect within the origin keeps the token", async () => {
  await using service = startServer((url) =>
    url.pathname === "/new" ? new Response("new") : redirect(301, "/new")
  );
  const { ctx } = testContext({
    services: { hn: { url: service.url } },
    secrets: { hn: { token: TOKEN } },
  });
  assert.equal(await (await ctx.fetch("hn", "/old")).text(), "new");
  assert.equal(service.requests[1]?.headers.get("authorization"), `Bearer ${TOKEN}`);
});

Deno.test("a redirect from https down to http drops the token", async () => {
  const sent: (string | null)[] = [];
  const { ctx } = testContext({
    secrets: { github: { token: TOKEN } },
    transport: (request) => {
      sent.push(request.headers.get("authorization"));
      return Promise.resolve(
        request.url.startsWith("https:")
          ? redirect(302, request.url.replace("https:", "http:"))
          : new Response(),
      );
    },
  });
  await ctx.fetch("github", "/");
  assert.deepEqual(sent, [`Bearer ${TOKEN}`, null]);
});

const METHODS: readonly { status: number; method: string; want: readonly [string, string] }[] = [
  { status: 301, method: "POST", want: ["GET", ""] },
  { status: 302, method: "POST", want: ["GET", ""] },
  { status: 303, method: "POST", want: ["GET", ""] },
  { status: 301, method: "PUT", want: ["PUT", "body"] },
  { status: 303, method: "PUT", want: ["GET", ""] },
  { status: 307, method: "POST", want: ["POST", "body"] },
  { status: 308, method: "post", want: ["POST", "body"] },
];

for (const { status, method, want } of METHODS) {
  Deno.test(`${method} becomes ${want[0]} after a ${status}`, async () => {
    await using service = startServer((url) =>
      url.pathname === "/to" ? new Response() : redirect(status, "/to")
    );
    const { ctx } = testContext({ services: { hn: { url: service.url } } });
    const headers = { "content-type": "x/y" };
    await drain(ctx.fetch("hn", "/from", { method, body: "body", headers }));
    const last = service.requests[1];
    assert.deepEqual([last?.method, last?.body], want);
    assert.equal(last?.headers.get("content-type"), want[1] === "" ? null : "x/y");
  });
}

Deno.test("HEAD stays HEAD after a 303", async () => {
  await using service = startServer((url) =>
    url.pathname === "/to" ? new Response() : redirect(303, "/to")
  );
  const { ctx } = testContext({ services: { hn: { url: service.url } } });
  await ctx.fetch("hn", "/from", { method: "HEAD" });
  assert.equal(service.requests[1]?.method, "HEAD");
});

const BODIES: readonly [string, () => BodyInit][] = [
  ["text", () => "a=1"],
  ["bytes", () => new TextEncoder().encode("a=1")],
  ["a buffer", () => new TextEncoder().encode("a=1").buffer],
  ["a blob", () => new Blob(["a=1"])],
  ["parameters", () => new URLSearchParams("a=1")],
];

for (const [name, body] of BODIES) {
  Deno.test(`a 307 sends ${name} again`, async () => {
    await using service = startServer((url) =>
      url.pathname === "/to" ? new Response() : redirect(307, "/to")
    );
    const { ctx } = testContext({ services: { hn: { url: service.url } } });
    await drain(ctx.fetch("hn", "/from", { method: "POST", body: body() }));
    assert.deepEqual(service.requests.map((request) => request.body), ["a=1", "a=1"]);
  });
}

Deno.test("a stream cannot be sent again after a 307, but is dropped after a 303", async () => {
  await using service = startServer((url) =>
    url.pathname === "/to" ? new Response("done") : redirect(Number(url.pathname.slice(1)), "/to")
  );
  const { ctx } = testContext({ services: { hn: { url: service.url } } });
  const post = (path: string) =>
    ctx.fetch("hn", path, { method: "POST", body: ReadableStream.from([new Uint8Array([65])]) });
  await assert.rejects(post("/307"), { name: "TypeError", message: /a stream can be sent once/ });
  assert.equal(await (await post("/303")).text(), "done");
});

Deno.test("twenty redirects are followed and the next one is refused", async () => {
  await using service = startServer((url) => {
    const left = Number(url.pathname.slice(1));
    return left === 0 ? new Response("there") : redirect(302, `/${left - 1}`);
  });
  const { ctx } = testContext({ services: { hn: { url: service.url } } });
  assert.equal(await (await ctx.fetch("hn", "/20")).text(), "there");
  await assert.rejects(ctx.fetch("hn", "/21"), { name: "TypeError", message: /at most 20/ });
});

Deno.test(`redirect "manual" returns the answer, "error" refuses it`, async () => {
  await using service = startServer(() => redirect(302, "/to"));
  const { ctx } = testContext({ services: { hn: { url: service.url } } });
  const response = await drain(ctx.fetch("hn", "/", { redirect: "manual" }));
  assert.deepEqual([response.status, response.headers.get("location")], [302, "/to"]);
  await assert.rejects(ctx.fetch("hn", "/", { redirect: "error" }), { name: "TypeError" });
  assert.equal(service.requests.length, 2);
});

Deno.test("a redirect to anything but http(s) is refused", async () => {
  await using service = startServer((url) =>
    redirect(302, decodeURIComponent(url.search.slice(1)))
  );
  const { ctx } = testContext({ services: { hn: { url: service.url } } });
  for (const target of ["file:///etc/passwd", "data:text/plain,x", "http://%zz/", "ws://x/"]) {
    const call = ctx.fetch("hn", `/?${encodeURIComponent(target)}`);
    await assert.rejects(call, { name: "TypeError" }, target);
  }
});

Deno.test("a user name that a redirect puts into the URL is not sent", async () => {
  await using service = startServer((url) =>
    url.pathname === "/to" ? new Response() : redirect(302, url.href.replace("//", "//u:p@") + "to")
  );
  const { ctx } = testContext({ services: { hn: { url: service.url } } });
  const response = await drain(ctx.fetch("hn", "/"));
  assert.equal(response.url, `${service.url}/to`);
  assert.equal(service.requests[1]?.headers.get("authorization"), null);
});

Deno.test("a 3xx without Location is an answer", async () => {
  await using service = startServer(() => new Response(null, { status: 304 }));
  const { ctx } = testContext({ services: { hn: { url: service.url } } });
  assert.equal((await ctx.fetch("hn", "/")).status, 304);
});

/** Reads the body to its end, which the resource sanitizer asks for. */
async function drain(call: Promise<Response>): Promise<Response> {
  const response = await call;
  await response.arrayBuffer();
  return response;
}
