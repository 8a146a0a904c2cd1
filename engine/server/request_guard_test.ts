import assert from "node:assert/strict";
import { createRequestGuard, isLoopback } from "./request_guard.ts";
import { withApp } from "./_test_server.ts";

const LOCAL = { host: "127.0.0.1", port: 8080, hostnames: [] };

/** Whether the guard lets a request with these headers through. */
function passes(
  options: Parameters<typeof createRequestGuard>[0],
  headers: Record<string, string>,
): boolean {
  try {
    createRequestGuard(options)(new Request("http://127.0.0.1:8080/run", { headers }));
    return true;
  } catch (error) {
    assert.equal((error as { code?: string }).code, "FORBIDDEN_ORIGIN");
    return false;
  }
}

Deno.test("a server of this machine answers to its own names and port only", () => {
  const cases: readonly [string, boolean][] = [
    ["127.0.0.1:8080", true],
    ["localhost:8080", true],
    ["LOCALHOST:8080", true],
    ["[::1]:8080", true],
    ["localhost", false],
    ["localhost:9090", false],
    ["evil.example:8080", false],
    ["evil.example", false],
    ["127.0.0.1.evil.example:8080", false],
    ["localhost.evil.example:8080", false],
    ["192.168.1.7:8080", false],
    ["0.0.0.0:8080", false],
    ["", false],
  ];
  for (const [host, want] of cases) assert.equal(passes(LOCAL, { host }), want, host);
});

Deno.test("a rebound name is refused although origin and host agree", () => {
  const headers = { host: "evil.example:8080", origin: "http://evil.example:8080" };
  assert.equal(passes(LOCAL, { ...headers, "sec-fetch-site": "same-origin" }), false);
});

Deno.test("a foreign origin is refused, whatever it resembles", () => {
  const cases: readonly [string, boolean][] = [
    ["http://127.0.0.1:8080", true],
    ["https://127.0.0.1:8080", true],
    ["http://localhost:8080", false],
    ["http://127.0.0.1:3000", false],
    ["http://127.0.0.1", false],
    ["http://evil.example", false],
    ["http://127.0.0.1:8080.evil.example", false],
    ["http://evil.example/127.0.0.1:8080", false],
    ["null", false],
    ["", false],
    ["chrome-extension://abc", false],
  ];
  for (const [origin, want] of cases) {
    assert.equal(passes(LOCAL, { host: "127.0.0.1:8080", origin }), want, origin);
  }
});

Deno.test("a request that the browser marks as coming from elsewhere is refused", () => {
  const cases: readonly [string, boolean][] = [
    ["same-origin", true],
    ["none", true],
    ["same-site", false],
    ["cross-site", false],
  ];
  for (const [site, want] of cases) {
    const headers = { host: "127.0.0.1:8080", "sec-fetch-site": site };
    assert.equal(passes(LOCAL, headers), want, site);
  }
});

Deno.test("a server for other machines answers to any name, but to its own origin only", () => {
  const open = { ...LOCAL, host: "0.0.0.0" };
  assert.equal(passes(open, { host: "flow.example" }), true);
  assert.equal(passes(open, { host: "flow.example", origin: "https://flow.example" }), true);
  assert.equal(passes(open, { host: "flow.example", origin: "https://evil.example" }), false);
  const named = { ...open, hostnames: ["flow.example"] };
  assert.equal(passes(named, { host: "flow.example" }), true);
  assert.equal(passes(named, { host: "flow.example:8080" }), true);
  assert.equal(passes(named, { host: "evil.example" }), false);
  assert.equal(passes(named, { host: "localhost:8080" }), true);
});

Deno.test("isLoopback() knows the addresses that only this machine reaches", () => {
  for (const host of ["localhost", "127.0.0.1", "127.9.9.9", "::1", "[::1]"]) {
    assert.equal(isLoopback(host), true, host);
  }
  for (const host of ["0.0.0.0", "::", "10.0.0.1", "127.evil.example", "128.0.0.1"]) {
    assert.equal(isLoopback(host), false, host);
  }
});

Deno.test("no path answers a web page of another origin, and none starts a run for it", () =>
  withApp({}, async ({ send, workflow }) => {
    const requests: readonly [string, string][] = [
      ["GET", "/run"],
      ["POST", "/run"],
      ["POST", "/run?wait=false"],
      ["GET", "/runs"],
      ["GET", "/runs/x"],
      ["GET", "/runs/x/events"],
      ["POST", "/runs/x/cancel"],
      ["GET", "/health?detail=1"],
      ["GET", "/ready"],
      ["GET", "/metrics"],
      ["GET", "/workflow"],
      ["GET", "/nowhere"],
      ["OPTIONS", "/run"],
    ];
    const pages: readonly Record<string, string>[] = [
      { origin: "https://evil.example" },
      { origin: "null" },
      { "sec-fetch-site": "cross-site" },
      { host: "evil.example:8080" },
      // A form, which a browser sends without asking first.
      { origin: "https://evil.example", "content-type": "text/plain" },
      // An image or a script tag, which sends no origin.
      { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" },
    ];
    for (const [method, path] of requests) {
      for (const headers of pages) {
        const response = await send(path, { method, headers });
        assert.equal(response.status, 403, `${method} ${path} ${JSON.stringify(headers)}`);
        assert.equal((await response.json()).error.code, "FORBIDDEN_ORIGIN");
      }
    }
    assert.equal((await workflow.runs()).length, 0);
  }));
