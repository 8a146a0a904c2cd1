import assert from "node:assert/strict";
import { FakeDaemon, readRequest, say } from "./_fake_daemon.ts";
import { ApiClient } from "./client.ts";

function clientOf({ path }: { readonly path: string }): ApiClient {
  return new ApiClient({ transport: "unix", path }, "docker");
}

const ASK = { method: "GET", path: "/info" } as const;

const ANSWERS = [
  { name: "counted", text: 'HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n{"a":1}', want: { a: 1 } },
  {
    name: "chunked",
    text:
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\n{"a\r\n4\r\n":1}\r\n0\r\n\r\n',
    want: { a: 1 },
  },
  { name: "up to the end", text: 'HTTP/1.0 200 OK\r\n\r\n{"a":1}', want: { a: 1 } },
  { name: "empty", text: "HTTP/1.1 204 No Content\r\n\r\n", want: undefined },
  {
    name: "after another head",
    text: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    want: {},
  },
];

for (const { name, text, want } of ANSWERS) {
  Deno.test(`ask() reads an answer that is ${name}`, async () => {
    await using daemon = new FakeDaemon(async (conn) => {
      await readRequest(conn);
      await say(conn, text);
    });
    assert.deepEqual(await clientOf(daemon).ask(ASK), want);
  });
}

Deno.test("ask() sends query and body, and names no version", async () => {
  let request = "";
  await using daemon = new FakeDaemon(async (conn) => {
    request = await readRequest(conn);
    await say(conn, "HTTP/1.1 204 No Content\r\n\r\n");
  });
  await clientOf(daemon).ask({
    method: "POST",
    path: "/containers/create",
    query: { name: "a b", none: undefined },
    json: { Image: "x" },
  });
  assert.match(request, /^POST \/containers\/create\?name=a\+b HTTP\/1\.1\r\n/);
  assert.match(request, /\r\nContent-Length: 13\r\n\r\n\{"Image":"x"\}$/);
});

const FAILURES = [
  {
    name: "a refusal with the daemon's words",
    text: 'HTTP/1.1 409 Conflict\r\nContent-Length: 17\r\n\r\n{"message":"busy"}'.replace(
      "17",
      "18",
    ),
    want: { name: "ApiError", status: 409, message: "busy" },
  },
  { name: "an end before the answer", text: "", want: { code: "DRIVER_UNAVAILABLE" } },
  {
    name: "an end within the answer",
    text: "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{",
    want: { code: "DRIVER_UNAVAILABLE" },
  },
  { name: "something else than HTTP", text: "hello\r\n\r\n", want: { code: "DRIVER_UNAVAILABLE" } },
];

for (const { name, text, want } of FAILURES) {
  Deno.test(`ask() rejects on ${name}`, async () => {
    await using daemon = new FakeDaemon(async (conn) => {
      await readRequest(conn);
      await say(conn, text);
    });
    await assert.rejects(clientOf(daemon).ask(ASK), want);
  });
}

Deno.test("ask() rejects with the signal's reason when it aborts", async () => {
  const asked = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  await using daemon = new FakeDaemon(async (conn) => {
    await readRequest(conn);
    asked.resolve();
    await over.promise;
  });
  const abort = new AbortController();
  const asking = clientOf(daemon).ask({ ...ASK, signal: abort.signal });
  await asked.promise;
  abort.abort(new Error("enough"));
  await assert.rejects(asking, { message: "enough" });
  over.resolve();
});

Deno.test("ask() rejects with the error of its own body", async () => {
  const over = Promise.withResolvers<void>();
  await using daemon = new FakeDaemon(() => over.promise);
  async function* body(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(10);
    await Promise.reject(new Error("broken"));
  }
  const asking = clientOf(daemon).ask({ method: "PUT", path: "/x", body: body() });
  await assert.rejects(asking, { name: "Error", message: "broken" });
  over.resolve();
});

Deno.test("hijack() hands over a connection whose end can be told", async () => {
  await using daemon = new FakeDaemon(async (conn) => {
    await readRequest(conn);
    await say(conn, "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\n\r\nfirst");
    const text = await new Response(
      new ReadableStream({
        async pull(controller) {
          const buffer = new Uint8Array(100);
          const count = await conn.read(buffer);
          if (count === null) controller.close();
          else controller.enqueue(buffer.subarray(0, count));
        },
      }),
    ).text();
    await say(conn, `got ${text}`);
  });
  const streams = await clientOf(daemon).hijack({ method: "POST", path: "/attach" });
  const decoder = new TextDecoder();
  assert.equal(decoder.decode(await streams.reader.exactly(5)), "first");
  await streams.write(new TextEncoder().encode("hello"));
  await streams.closeWrite();
  assert.equal(decoder.decode(await streams.reader.exactly(9)), "got hello");
  streams.close();
});
