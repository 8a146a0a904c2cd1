import assert from "node:assert/strict";
import type { HttpAnswer, HttpCall } from "../context/mod.ts";
import type { FetchEntry } from "./fixture.ts";
import { type MockAnswers, mockAnswers } from "./mock_answers.ts";

const SERVICES = { hn: { url: "https://hn.example/base/" } };

function entry(part: Partial<FetchEntry>): FetchEntry {
  return {
    service: "hn",
    path: "/v0/x",
    method: undefined,
    status: 200,
    headers: {},
    body: undefined,
    ...part,
  };
}

function get(url: string, service: string | undefined = "hn", method = "GET"): HttpCall {
  return { service, method, url, requestBody: undefined };
}

async function ask(mock: MockAnswers, call: HttpCall, node = "a"): Promise<HttpAnswer> {
  assert.ok(mock.http.kind === "answer");
  return await mock.http.answer(call, node);
}

function textOf({ body }: HttpAnswer): string {
  return "text" in body ? body.text : atob(body.base64);
}

Deno.test("without entries the mock answers {mock, service, path}", async () => {
  const mock = mockAnswers([], SERVICES);
  const own = await ask(mock, get("https://hn.example/base/v0/x?b=1"));
  assert.deepEqual(JSON.parse(textOf(own)), { mock: true, service: "hn", path: "/v0/x?b=1" });
  assert.equal(own.headers["content-type"], "application/json");
  const known = await ask(mock, get("https://api.github.com/user", "github"));
  assert.deepEqual(JSON.parse(textOf(known)), { mock: true, service: "github", path: "/user" });
  const bare = await ask(mock, { ...get("https://a.example/x"), service: undefined });
  assert.deepEqual(JSON.parse(textOf(bare)), { mock: true, path: "https://a.example/x" });
});

Deno.test("an entry is matched by service, path and method, whatever the order of the query", async () => {
  const mock = mockAnswers([
    entry({ path: "/s?a=1&b=2", body: { any: true } }),
    entry({ path: "/s?b=2&a=1", method: "POST", status: 201, body: "made" }),
  ], SERVICES);
  const read = await ask(mock, get("https://hn.example/base/s?b=2&a=1"));
  assert.equal(textOf(read), '{"any":true}');
  const made = await ask(mock, get("https://hn.example/base/s?a=1&b=2", "hn", "POST"));
  assert.deepEqual([made.status, textOf(made)], [201, "made"]);
  assert.match(made.headers["content-type"] ?? "", /^text\/plain/);
  await assert.rejects(ask(mock, get("https://hn.example/base/s?a=1", "hn")));
  await assert.rejects(ask(mock, get("https://hn.example/base/s?b=2&a=1", "other")));
});

Deno.test("one entry answers again and again, equal ones in turn, the last one for good", async () => {
  const mock = mockAnswers([
    entry({ status: 503 }),
    entry({ status: 429, headers: { "retry-after": "1" } }),
    entry({ body: [] }),
    entry({ path: "/one", body: 1 }),
  ], SERVICES);
  const statuses = [];
  for (let i = 0; i < 4; i++) {
    statuses.push((await ask(mock, get("https://hn.example/base/v0/x"))).status);
  }
  assert.deepEqual(statuses, [503, 429, 200, 200]);
  assert.equal((await ask(mock, get("https://hn.example/base/v0/x"), "b")).status, 503);
  for (let i = 0; i < 3; i++) {
    assert.equal(textOf(await ask(mock, get("https://hn.example/base/one"))), "1");
  }
});

Deno.test("an entry without a service answers a bare fetch() by its URL", async () => {
  const mock = mockAnswers([entry({ service: undefined, path: "https://a.example/x" })], SERVICES);
  const answer = await ask(mock, { ...get("https://a.example/x"), service: undefined });
  assert.equal(answer.status, 200);
  assert.equal(textOf(answer), "");
});

Deno.test("a request that no entry answers fails and names the nearest", async () => {
  const mock = mockAnswers([
    entry({ path: "/v0/topstories.json" }),
    entry({ path: "/v0/user.json" }),
  ], SERVICES);
  await assert.rejects(ask(mock, get("https://hn.example/base/v0/topstorys.json")), {
    code: "FIXTURE_MISSING",
    message:
      'Cannot answer "GET hn /v0/topstorys.json" as the fixture prepares: no "fetch" entry matches; the nearest is * hn /v0/topstories.json',
    fix: 'Add to "fetch": {"service":"hn","path":"/v0/topstorys.json","method":"GET","body":{}}',
  });
  assert.deepEqual(mock.unanswered, ["GET hn /v0/topstorys.json"]);
  assert.deepEqual(mock.unused(), ["* hn /v0/topstories.json", "* hn /v0/user.json"]);
});
