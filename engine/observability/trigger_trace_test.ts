import assert from "node:assert/strict";
import type { JsonValue } from "../json/mod.ts";
import { traceMembers, traceOfTrigger } from "./trigger_trace.ts";

const TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

const TRIGGERS: readonly { readonly name: string; readonly trigger: JsonValue; found: boolean }[] =
  [
    { name: "its own members", trigger: { type: "http", traceparent: TRACEPARENT }, found: true },
    {
      name: "a header in any case",
      trigger: { type: "queue", headers: { "Traceparent": TRACEPARENT } },
      found: true,
    },
    {
      name: "a header as a list of one",
      trigger: { headers: { traceparent: [TRACEPARENT] } },
      found: true,
    },
    {
      name: "a header that came twice",
      trigger: { headers: { traceparent: [TRACEPARENT, TRACEPARENT] } },
      found: false,
    },
    { name: "no header", trigger: { type: "queue", headers: {} }, found: false },
    { name: "no object", trigger: "manual", found: false },
    { name: "a number", trigger: { traceparent: 5 }, found: false },
  ];

for (const { name, trigger, found } of TRIGGERS) {
  Deno.test(`traceOfTrigger() ${found ? "reads" : "finds nothing in"} ${name}`, () => {
    assert.equal(traceOfTrigger(trigger)?.spanId, found ? "00f067aa0ba902b7" : undefined);
  });
}

Deno.test("traceMembers() hands on valid headers only", () => {
  const headers = new Headers({ traceparent: TRACEPARENT, tracestate: "rojo=1" });
  assert.deepEqual(traceMembers(headers), { traceparent: TRACEPARENT, tracestate: "rojo=1" });
  assert.deepEqual(
    traceMembers(new Headers({ traceparent: "nonsense", tracestate: "a=1" })),
    undefined,
  );
  assert.deepEqual(traceMembers(new Headers({ tracestate: "a=1" })), undefined);
});
