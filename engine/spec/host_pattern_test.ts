import assert from "node:assert/strict";
import { hostFlaw } from "./host_pattern.ts";

Deno.test("hostFlaw() accepts hosts, addresses, ports and a lone star", () => {
  const good = [
    "*",
    "a.example",
    "API.Example.com",
    "localhost",
    "my_service",
    "a.example:8080",
    "127.0.0.1",
    "127.0.0.1:80",
    "[::1]",
    "[2001:db8::1]:443",
    "xn--bcher-kva.example",
  ];
  for (const text of good) assert.equal(hostFlaw(text), undefined, text);
});

Deno.test("hostFlaw() refuses what is not one host, and offers the host that was meant", () => {
  const bad: [string, string | undefined][] = [
    ["https://a.example/x?y=1", "a.example"],
    ["http://a.example:8080", "a.example:8080"],
    ["nats://n.example:4222", "n.example:4222"],
    ["a.example/path", "a.example"],
    ["https://user:pw@a.example/", "a.example"],
    ["user@a.example", "a.example"],
    ["::1", '"[::1]"'],
    ["bücher.example", "xn--bcher-kva.example"],
    ["a.example:0", "a.example:443"],
    ["a.example:99999", "a.example:443"],
    ["a.example:", "a.example:443"],
    ["256.1.1.1", "api.example.com"],
    ["1.2.3", "api.example.com"],
    ["-a.example", "api.example.com"],
    ["a..example", "api.example.com"],
    ["[::zz]", "api.example.com"],
    ["", "api.example.com"],
    ["*.example.com", undefined],
    ["a.example,b.example", undefined],
    ["a.example b.example", undefined],
  ];
  for (const [text, want] of bad) {
    const flaw = hostFlaw(text);
    assert.ok(flaw !== undefined, text);
    assert.equal("write" in flaw.fix ? flaw.fix.write : undefined, want, text);
  }
});

Deno.test("hostFlaw() never repeats a password", () => {
  const flaw = hostFlaw("https://user:hunter2@a.example/");
  assert.ok(!JSON.stringify(flaw).includes("hunter2"));
});
