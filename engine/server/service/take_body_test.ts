import assert from "node:assert/strict";
import { FakeClock } from "../../clock/mod.ts";
import { takeBody } from "./take_body.ts";

const URL = "http://127.0.0.1:9009/things";

function options(clock = new FakeClock()) {
  return { clock, maxBytes: 10, timeoutMs: 1000 };
}

function chunked(chunks: readonly string[], headers = { "transfer-encoding": "chunked" }): Request {
  const body = ReadableStream.from(chunks.map((chunk) => new TextEncoder().encode(chunk)));
  return new Request(URL, { method: "POST", headers, body });
}

Deno.test("takeBody() hands on a body that came whole, and the headers with it", async () => {
  const clock = new FakeClock();
  const taken = await takeBody(
    new Request(URL, {
      method: "POST",
      headers: { "content-length": "5", "x-a": "b" },
      body: "12345",
    }),
    options(clock),
  );
  assert.equal(await taken.text(), "12345");
  assert.equal(taken.headers.get("x-a"), "b");
  assert.equal(taken.url, URL);
  assert.equal(clock.pending, 0);
});

Deno.test("takeBody() leaves a request without a body as it is", async () => {
  const get = new Request(URL);
  assert.equal(await takeBody(get, options()), get);
  const empty = new Request(URL, { method: "POST", headers: { "content-length": "0" } });
  assert.equal(await takeBody(empty, options()), empty);
});

Deno.test("takeBody() refuses what is too large: announced, or as it comes", async () => {
  const announced = new Request(URL, {
    method: "POST",
    headers: { "content-length": "11" },
    body: "12345678901",
  });
  await assert.rejects(takeBody(announced, options()), { code: "BODY_TOO_LARGE" });
  const coming = chunked(["123456", "123456"]);
  await assert.rejects(takeBody(coming, options()), { code: "BODY_TOO_LARGE" });
});

Deno.test("takeBody() does not wait for ever for a slow sender", async () => {
  const clock = new FakeClock();
  const never = new Request(URL, {
    method: "POST",
    headers: { "transfer-encoding": "chunked" },
    body: new ReadableStream({ pull: () => new Promise(() => {}) }),
  });
  const taking = assert.rejects(takeBody(never, options(clock)), { code: "BAD_REQUEST" });
  await clock.advance(1000);
  await taking;
  assert.equal(clock.pending, 0);
});

Deno.test("takeBody() calls a body that breaks off the sender's fault", async () => {
  const broken = new Request(URL, {
    method: "POST",
    headers: { "transfer-encoding": "chunked" },
    body: new ReadableStream({ pull: () => Promise.reject(new TypeError("connection closed")) }),
  });
  await assert.rejects(takeBody(broken, options()), { code: "BAD_REQUEST" });
});
