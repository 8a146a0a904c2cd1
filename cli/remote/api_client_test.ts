import assert from "node:assert/strict";
import { ApiClient } from "./api_client.ts";
import { readEventStream } from "./read_event_stream.ts";

function client(answer: Response, server = "https://pd.example/base/") {
  const calls: { url: string; init: RequestInit }[] = [];
  return {
    calls,
    api: new ApiClient({
      server,
      token: "secret-token",
      fetch: (url, init) => {
        calls.push({ url: String(url), init: init ?? {} });
        return Promise.resolve(answer);
      },
    }),
  };
}

Deno.test("a call goes to the server that was named, with the token, and follows nobody elsewhere", async () => {
  const { api, calls } = client(Response.json({ a: 1 }));
  assert.deepEqual(await api.call("POST", "/runs", { b: 2 }), { a: 1 });
  const [{ url, init } = assert.fail("no call")] = calls;
  assert.equal(url, "https://pd.example/base/api/v1/runs");
  assert.equal(new Headers(init.headers).get("authorization"), "Bearer secret-token");
  assert.equal(init.redirect, "manual");
});

Deno.test("a redirect is no answer of a server, and the error has no word of the token", async () => {
  const { api } = client(
    new Response(null, { status: 302, headers: { location: "https://evil.example" } }),
  );
  await assert.rejects(api.call("GET", "/runs"), (error: Error & { code?: string }) => {
    assert.equal(error.code, "WORKFLOW_UNREACHABLE");
    assert.ok(!`${error.message} ${error.stack}`.includes("secret-token"));
    return true;
  });
});

Deno.test("a refusal keeps its code, its message and its fix", async () => {
  const body = { error: { code: "SCOPE_MISSING", message: "Cannot run", fix: "do this" } };
  await assert.rejects(client(Response.json(body, { status: 403 })).api.call("GET", "/"), {
    code: "SCOPE_MISSING",
    message: "Cannot run",
    fix: "do this",
  });
  const unknown = { error: { code: "OF_TOMORROW", message: "Cannot yet" } };
  await assert.rejects(client(Response.json(unknown, { status: 400 })).api.call("GET", "/"), {
    code: "RUN_REFUSED",
    message: "Cannot yet",
  });
});

for (
  const server of ["here", "ftp://a.example", "https://user:pw@a.example", "https://a.example?x=1"]
) {
  Deno.test(`a server at "${server}" is refused, and not shown`, () => {
    assert.throws(() => client(new Response(), server), (error: Error & { code?: string }) => {
      assert.equal(error.code, "USAGE");
      assert.ok(!error.message.includes("pw"));
      return true;
    });
  });
}

Deno.test("events are read however they are cut, comments and other fields are left out", async () => {
  const text = 'retry: 1000\n\nid: 1\ndata: {"ä":1}\n\n: still here\n\ndata: a\ndata: b\r\n\r\n';
  const bytes = new TextEncoder().encode(text);
  for (const size of [1, 3, 1000]) {
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.slice(at, at + size));
    const read = await Array.fromAsync(readEventStream(ReadableStream.from(chunks)));
    assert.deepEqual(read, ['{"ä":1}', "a\nb"], `${size}`);
  }
});
