import assert from "node:assert/strict";
import { toExchange, toHttpAnswer, toHttpCall, toResponse } from "./exchange.ts";
import type { HttpAnswer } from "./transport.ts";

const URL_OF_ANSWER = "https://api.example/x";

Deno.test("a call keeps method, URL and text body, and no credential", async () => {
  const request = new Request(
    "https://user:pw@api.example/x?api_key=hush&page_token=2&access_token=hush&q=a%20b#hush",
    { method: "POST", body: '{"a":"ü"}', headers: { authorization: "Bearer hush" } },
  );
  assert.deepEqual(await toHttpCall(request, "example"), {
    service: "example",
    method: "POST",
    url: "https://api.example/x?api_key=***&page_token=2&access_token=***&q=a%20b",
    requestBody: { text: '{"a":"ü"}' },
  });
});

Deno.test("a call without a body has none", async () => {
  const call = await toHttpCall(new Request(URL_OF_ANSWER), undefined);
  assert.deepEqual([call.requestBody, call.service], [undefined, undefined]);
});

Deno.test("an answer keeps no credential and nothing about bytes on the wire", async () => {
  const headers = new Headers({
    "Set-Cookie": "session=hush",
    Authorization: "hush",
    "X-API-Key": "hush",
    "Proxy-Authorization": "hush",
    Cookie: "hush",
    "Content-Encoding": "gzip",
    "Content-Length": "999",
    "Transfer-Encoding": "chunked",
    "Content-Type": "application/json",
    ETag: '"1"',
  });
  const call = await toHttpCall(new Request(URL_OF_ANSWER), "example");
  const exchange = await toExchange(call, new Response("{}", { status: 201, headers }));
  assert.deepEqual(exchange, {
    service: "example",
    method: "GET",
    url: URL_OF_ANSWER,
    requestBody: undefined,
    status: 201,
    headers: { "content-type": "application/json", etag: '"1"' },
    body: { text: "{}" },
  });
});

const BODIES: readonly { is: string; bytes: number[]; want: HttpAnswer["body"] }[] = [
  { is: "empty", bytes: [], want: { text: "" } },
  { is: "text", bytes: [0x68, 0xc3, 0xbc], want: { text: "hü" } },
  { is: "text with a byte order mark", bytes: [0xef, 0xbb, 0xbf, 0x61], want: { text: "\ufeffa" } },
  { is: "text with NUL", bytes: [0x61, 0], want: { text: "a\0" } },
  { is: "binary", bytes: [0xff, 0xd8, 0xff], want: { base64: "/9j/" } },
  { is: "text cut inside a character", bytes: [0x61, 0xc3], want: { base64: "YcM=" } },
];

for (const { is, bytes, want } of BODIES) {
  Deno.test(`a body that is ${is} survives an exchange byte for byte`, async () => {
    const answer = await toHttpAnswer(new Response(new Uint8Array(bytes)));
    assert.deepEqual(answer.body, want);
    const back = toResponse(answer, URL_OF_ANSWER);
    assert.deepEqual([...new Uint8Array(await back.arrayBuffer())], bytes);
  });
}

Deno.test("a response from an exchange has its URL, status and headers, and invents none", async () => {
  const response = toResponse(
    {
      status: 404,
      headers: { "X-Total": "3", "content-encoding": "gzip", "set-cookie": "a=b" },
      body: { text: "gone" },
    },
    URL_OF_ANSWER,
  );
  assert.deepEqual([response.url, response.status, response.ok], [URL_OF_ANSWER, 404, false]);
  assert.deepEqual([...response.headers], [["x-total", "3"]]);
  assert.equal(await response.text(), "gone");
});

for (const status of [204, 205, 304]) {
  Deno.test(`a response with status ${status} has no body`, () => {
    assert.equal(toResponse({ status, headers: {}, body: { text: "" } }, URL_OF_ANSWER).body, null);
  });
}

const INVALID: readonly [is: string, answer: HttpAnswer][] = [
  ["a status out of range", { status: 700, headers: {}, body: { text: "" } }],
  ["a status that is no number", { status: 200.5, headers: {}, body: { text: "" } }],
  ["a header with a line break", { status: 200, headers: { a: "b\nc" }, body: { text: "" } }],
  ["a header without a name", { status: 200, headers: { "": "b" }, body: { text: "" } }],
  ["bad base64", { status: 200, headers: {}, body: { base64: "§" } }],
];

for (const [is, answer] of INVALID) {
  Deno.test(`an answer with ${is} is RECORDING_INVALID`, () => {
    assert.throws(() => toResponse(answer, URL_OF_ANSWER), { code: "RECORDING_INVALID" });
  });
}
