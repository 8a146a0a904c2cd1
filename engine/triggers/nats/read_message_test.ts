import assert from "node:assert/strict";
import { headers as createHeaders } from "@nats-io/transport-node";
import { headerOf, readHeaders, readPayload } from "./read_message.ts";

const encode = (text: string) => new TextEncoder().encode(text);

const PAYLOADS: readonly (readonly [
  name: string,
  data: Uint8Array,
  type: string | undefined,
  want: unknown,
])[] = [
  ["nothing as an empty object", encode(""), undefined, {}],
  ["JSON", encode('{"a": [1]}'), undefined, { a: [1] }],
  ["a JSON number", encode("7"), undefined, 7],
  ["text that is no JSON", encode("order 7"), undefined, "order 7"],
  ["JSON that says so", encode("7"), "application/json; charset=utf-8", 7],
  ["JSON of a vendor", encode("7"), "application/vnd.api+json", 7],
  ["text that looks like JSON", encode("7"), "text/plain", "7"],
  ["YAML as text", encode("a: 1"), "application/yaml", "a: 1"],
  ["an image that happens to be text", encode("PNG"), "image/png", {
    base64: "UE5H",
    content_type: "image/png",
  }],
  ["bytes", new Uint8Array([255, 0]), undefined, {
    base64: "/wA=",
    content_type: "application/octet-stream",
  }],
  ["text that is no UTF-8", new Uint8Array([255]), "text/plain", {
    base64: "/w==",
    content_type: "text/plain",
  }],
];

for (const [name, data, type, want] of PAYLOADS) {
  Deno.test(`readPayload() reads ${name}`, () => {
    const headers = createHeaders();
    if (type !== undefined) headers.set("content-TYPE", type);
    assert.deepEqual(readPayload(data, headers), want);
  });
}

Deno.test("readHeaders() joins several values, and finds a header whatever its case", () => {
  const headers = createHeaders();
  headers.append("Trace-Id", "a");
  headers.append("Trace-Id", "b");
  assert.deepEqual(readHeaders(headers), { "Trace-Id": "a, b" });
  assert.deepEqual(readHeaders(undefined), {});
  assert.equal(headerOf(headers, "trace-id"), "a");
  assert.equal(headerOf(headers, "other"), undefined);
});
