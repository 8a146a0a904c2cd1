import assert from "node:assert/strict";
import { testService } from "./_test_service.ts";
import type { ServiceRoute } from "./route.ts";

const ORIGIN = { origin: "http://127.0.0.1:9009" };
const ROUTES: readonly ServiceRoute[] = [{
  method: "GET",
  path: "/me",
  scope: "read",
  handle: (_, { principal }) => new Response(principal.subject),
}];

const BODIES: readonly (readonly [name: string, type: string, body: (token: string) => string])[] =
  [
    ["JSON", "application/json", (token) => JSON.stringify({ token })],
    ["JSON that says nothing of itself", "text/plain", (token) => ` {"token": "${token}"}`],
    ["a form", "application/x-www-form-urlencoded", (token) => `token=${token}`],
    ["plain text", "text/plain", (token) => `${token}\n`],
    // curl -d says so of everything.
    [
      "JSON that is called a form",
      "application/x-www-form-urlencoded",
      (token) => JSON.stringify({ token }),
    ],
  ];

for (const [name, type, body] of BODIES) {
  Deno.test(`POST /login takes a token as ${name}, and sets a cookie that signs in`, async () => {
    const { send, token } = testService(ROUTES);
    const text = await token({ scope: "run", workflows: ["a"] });
    const response = await send("/login", {
      method: "POST",
      headers: { ...ORIGIN, "content-type": type },
      body: body(text),
    });
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), {
      subject: "ann",
      scope: "run",
      workflows: ["a"],
      expiresAt: "2027-01-15T09:00:00.000Z",
    });
    const cookie = response.headers.get("set-cookie") ?? "";
    assert.equal(cookie, `jwt=${text}; Path=/; HttpOnly; SameSite=Strict; Max-Age=3600`);
    const me = await send("/me", { headers: { cookie: cookie.split(";")[0] ?? "" } });
    assert.equal(await me.text(), "ann");
  });
}

Deno.test("POST /login by TLS sets a cookie for TLS alone", async () => {
  const { send, token } = testService(ROUTES);
  for (
    const headers of [
      { origin: "https://pd.example", host: "pd.example" },
      { "x-forwarded-proto": "https" },
    ]
  ) {
    const response = await send("/login", { method: "POST", headers, body: await token() });
    assert.match(response.headers.get("set-cookie") ?? "", /; Secure/);
    await response.body?.cancel();
  }
});

const REFUSED = [
  ["nothing", "", 401],
  ["a token of another secret", "a.b.c", 401],
  ["what would end the header", "a\r\nset-cookie: b=c", 401],
  ["broken JSON", "{", 401],
  ["JSON without a token", "{}", 401],
] as const;

for (const [name, body, want] of REFUSED) {
  Deno.test(`POST /login of ${name} is answered with ${want}, and sets no cookie`, async () => {
    const { send } = testService(ROUTES);
    const response = await send("/login", { method: "POST", headers: ORIGIN, body });
    assert.equal(response.status, want);
    assert.equal(response.headers.get("set-cookie"), null);
    await response.body?.cancel();
  });
}

Deno.test("POST /login of another site's page is refused: nobody is signed in as somebody else", async () => {
  const { send, token } = testService(ROUTES);
  const response = await send("/login", {
    method: "POST",
    headers: { origin: "https://evil.example" },
    body: await token(),
  });
  assert.equal(response.status, 403);
  await response.body?.cancel();
});

Deno.test("guesses at POST /login are limited as any bad token is", async () => {
  const { send } = testService(ROUTES, { limits: { badTokensPerMinute: 2 } });
  const guess = () => send("/login", { method: "POST", headers: ORIGIN, body: "a.b.c" });
  const statuses = [await guess(), await guess(), await guess()].map(({ status }) => status);
  assert.deepEqual(statuses, [401, 401, 429]);
});

Deno.test("POST /logout takes the cookie back", async () => {
  const { send } = testService(ROUTES);
  const response = await send("/logout", { method: "POST", headers: ORIGIN });
  assert.equal(response.status, 204);
  assert.match(response.headers.get("set-cookie") ?? "", /^jwt=; .*Max-Age=0$/);
});
