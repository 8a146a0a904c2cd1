import assert from "node:assert/strict";
import { testService } from "./_test_service.ts";
import type { ServiceRoute } from "./route.ts";

const OK = () => new Response("ok");
const ROUTES: readonly ServiceRoute[] = [
  { method: "GET", path: "/things", scope: "read", handle: OK },
  { method: "POST", path: "/things", scope: "run", handle: OK },
  { method: "GET", path: "/page", scope: "public", handle: OK },
];
const OWN = "http://127.0.0.1:9009";

interface Case {
  readonly name: string;
  readonly method?: string;
  readonly by: "cookie" | "bearer";
  readonly headers: { readonly [name: string]: string };
  readonly want: number;
}

const NAVIGATION = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };

const CASES: readonly Case[] = [
  {
    name: "a page of this server changes something",
    method: "POST",
    by: "cookie",
    headers: { origin: OWN, "sec-fetch-site": "same-origin" },
    want: 200,
  },
  {
    name: "a page behind a proxy with TLS changes something",
    method: "POST",
    by: "cookie",
    headers: { origin: "https://pd.example", host: "pd.example" },
    want: 200,
  },
  {
    name: "a page of another site changes something",
    method: "POST",
    by: "cookie",
    headers: { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
    want: 403,
  },
  {
    name: "a page on another port of this machine changes something",
    method: "POST",
    by: "cookie",
    headers: { origin: "http://127.0.0.1:3000", "sec-fetch-site": "same-site" },
    want: 403,
  },
  {
    name: "a form of a page that hides itself changes something",
    method: "POST",
    by: "cookie",
    headers: { origin: "null" },
    want: 403,
  },
  {
    name: "nobody says which page changes something",
    method: "POST",
    by: "cookie",
    headers: {},
    want: 403,
  },
  {
    name: "a navigation changes something",
    method: "POST",
    by: "cookie",
    headers: { ...NAVIGATION, "sec-fetch-site": "cross-site", origin: "https://evil.example" },
    want: 403,
  },
  { name: "a program changes something", method: "POST", by: "bearer", headers: {}, want: 200 },
  {
    name: "a page of another site has a token",
    method: "POST",
    by: "bearer",
    headers: { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
    want: 403,
  },
  { name: "a program reads", by: "cookie", headers: {}, want: 200 },
  {
    name: "a page of this server reads",
    by: "cookie",
    headers: { "sec-fetch-site": "same-origin" },
    want: 200,
  },
  {
    name: "an image of another site reads",
    by: "cookie",
    headers: { "sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors" },
    want: 403,
  },
  {
    name: "a frame of another site reads",
    by: "cookie",
    headers: {
      "sec-fetch-site": "cross-site",
      "sec-fetch-mode": "navigate",
      "sec-fetch-dest": "iframe",
    },
    want: 403,
  },
  {
    name: "a link on another site leads here",
    by: "cookie",
    headers: { ...NAVIGATION, "sec-fetch-site": "cross-site" },
    want: 200,
  },
];

for (const { name, method = "GET", by, headers, want } of CASES) {
  Deno.test(`when ${name} by ${by}, the answer is ${want}`, async () => {
    const { send, token } = testService(ROUTES);
    const text = await token();
    const sent = by === "cookie" ? { cookie: `jwt=${text}` } : { authorization: `Bearer ${text}` };
    const response = await send("/things", { method, headers: { ...headers, ...sent } });
    assert.equal(response.status, want);
    await response.body?.cancel();
  });
}

Deno.test("bad tokens of one address are answered with 429 in the end, good ones of it are not", async () => {
  const { send, bearer, clock } = testService(ROUTES, { limits: { badTokensPerMinute: 3 } });
  const bad = { headers: { authorization: "Bearer nonsense" } };
  for (let count = 0; count < 3; count++) assert.equal((await send("/things", bad)).status, 401);
  const limited = await send("/things", bad);
  assert.equal(limited.status, 429);
  assert.equal(limited.headers.get("retry-after"), "20");
  assert.equal((await send("/things", bad, "10.0.0.2")).status, 401);
  assert.equal((await send("/things", { headers: await bearer() })).status, 200);
  assert.equal((await send("/things")).status, 401, "no token is no attempt");
  await clock.advance(20_000);
  assert.equal((await send("/things", bad)).status, 401);
});

Deno.test("one caller's requests are limited, wherever they come from, and nobody else's", async () => {
  const { send, bearer, clock } = testService(ROUTES, { limits: { requestsPerSecond: 2 } });
  const ann = { headers: await bearer({ subject: "ann" }) };
  const bob = { headers: await bearer({ subject: "bob" }) };
  const statuses: number[] = [];
  for (let count = 0; count < 5; count++) {
    statuses.push((await send("/things", ann, `10.0.0.${count}`)).status);
  }
  assert.deepEqual(statuses, [200, 200, 200, 200, 429]);
  assert.equal((await send("/things", bob)).status, 200);
  await clock.advance(500);
  assert.equal((await send("/things", ann)).status, 200);
  assert.equal((await send("/things", ann)).status, 429);
});

Deno.test("callers without a name, and pages for anybody, are limited by address", async () => {
  const { send, bearer } = testService(ROUTES, { limits: { requestsPerSecond: 1 } });
  const nameless = { headers: await bearer({ subject: "" }) };
  assert.equal((await send("/things", nameless)).status, 200);
  assert.equal((await send("/page")).status, 200);
  assert.equal((await send("/page")).status, 429);
  assert.equal((await send("/things", nameless, "10.0.0.2")).status, 200);
});

Deno.test("a rate of 0 limits nobody", async () => {
  const { send, bearer } = testService(ROUTES, { limits: { requestsPerSecond: 0 } });
  const headers = await bearer();
  for (let count = 0; count < 50; count++) {
    assert.equal((await send("/things", { headers })).status, 200);
  }
});

Deno.test("addresses and headers that are too long are refused", async () => {
  const { send, bearer } = testService(ROUTES);
  const headers = await bearer();
  assert.equal((await send(`/things?q=${"a".repeat(9000)}`, { headers })).status, 400);
  const long = { ...headers, "x-long": "a".repeat(70_000) };
  assert.equal((await send("/things", { headers: long })).status, 400);
});

const COLLECTORS = [
  ["a program of this machine", "127.0.0.1", {}, 200],
  ["a program of this machine over IPv6", "::1", {}, 200],
  ["a program of another machine", "10.0.0.1", {}, 401],
  ["a proxy on this machine", "127.0.0.1", { "x-forwarded-for": "10.0.0.1" }, 401],
  ["a proxy that tells who called it alone", "127.0.0.1", { "x-real-ip": "10.0.0.1" }, 401],
  ["a browser on this machine", "127.0.0.1", { "sec-fetch-site": "same-origin" }, 401],
] as const;

for (const [who, address, headers, want] of COLLECTORS) {
  Deno.test(`figures without a token are answered with ${want} to ${who}`, async () => {
    const { send } = testService([], {
      metrics: () => Promise.resolve({ contentType: "text/plain", text: "up 1\n" }),
    });
    const response = await send("/metrics", { headers }, address);
    assert.equal(response.status, want);
    await response.body?.cancel();
  });
}

Deno.test("figures take a token that reads", async () => {
  const { send, bearer } = testService([], {
    metrics: () => Promise.resolve({ contentType: "text/plain", text: "up 1\n" }),
  });
  const response = await send("/metrics", { headers: await bearer({ scope: "read" }) });
  assert.equal(await response.text(), "up 1\n");
});

Deno.test("figures are of all workflows: a token for some of them does not see them, an admin's does", async () => {
  const { send, bearer } = testService(ROUTES, {
    metrics: () => Promise.resolve({ contentType: "text/plain", text: "up 1\n" }),
  });
  for (const scope of ["read", "run"] as const) {
    const headers = await bearer({ scope, workflows: ["a"] });
    const refused = await send("/metrics", { headers });
    assert.equal(refused.status, 403);
    assert.equal((await refused.json()).error.code, "SCOPE_MISSING");
  }
  const admin = await send("/metrics", { headers: await bearer({ workflows: ["a"] }) });
  assert.equal(await admin.text(), "up 1\n");
});

for (const host of ["evil.example:9009", "metrics.localhost.evil.example"]) {
  Deno.test(`a page on this machine that calls the server ${host} sees no figures`, async () => {
    const { send } = testService(ROUTES, {
      metrics: () => Promise.resolve({ contentType: "text/plain", text: "up 1\n" }),
    });
    const response = await send("/metrics", { headers: { host } }, "127.0.0.1");
    assert.equal(response.status, 401);
    await response.body?.cancel();
  });
}
