import assert from "node:assert/strict";
import {
  formatTraceparent,
  isTracestate,
  parseTraceHeaders,
  parseTraceparent,
} from "./trace_context.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN = "00f067aa0ba902b7";

/** Examples and rules of https://www.w3.org/TR/trace-context-1/#traceparent-header. */
const TRACEPARENTS: readonly {
  readonly name: string;
  readonly text: string;
  readonly sampled?: boolean;
}[] = [
  { name: "the example of a sampled caller", text: `00-${TRACE}-${SPAN}-01`, sampled: true },
  { name: "the example of an unsampled caller", text: `00-${TRACE}-${SPAN}-00`, sampled: false },
  { name: "other flags beside the sampled one", text: `00-${TRACE}-${SPAN}-ff`, sampled: true },
  { name: "other flags without it", text: `00-${TRACE}-${SPAN}-fe`, sampled: false },
  { name: "a later version", text: `cc-${TRACE}-${SPAN}-01`, sampled: true },
  { name: "a later version with more fields", text: `cc-${TRACE}-${SPAN}-01-what`, sampled: true },
  { name: "a later version with another end", text: `cc-${TRACE}-${SPAN}-01.what` },
  { name: "version 00 with more fields", text: `00-${TRACE}-${SPAN}-01-what` },
  { name: "version 00 with a dash behind", text: `00-${TRACE}-${SPAN}-01-` },
  { name: "the forbidden version", text: `ff-${TRACE}-${SPAN}-01` },
  { name: "no trace id", text: `00-${"0".repeat(32)}-${SPAN}-01` },
  { name: "no span id", text: `00-${TRACE}-${"0".repeat(16)}-01` },
  { name: "upper case", text: `00-${TRACE.toUpperCase()}-${SPAN}-01` },
  { name: "a short trace id", text: `00-${TRACE.slice(1)}-${SPAN}-01` },
  { name: "letters that are no digits", text: `00-${"g".repeat(32)}-${SPAN}-01` },
  { name: "one digit of flags", text: `00-${TRACE}-${SPAN}-1` },
  { name: "a version of one digit", text: `0-${TRACE}-${SPAN}-01` },
  { name: "two headers in one", text: `00-${TRACE}-${SPAN}-01,00-${TRACE}-${SPAN}-01` },
  { name: "a blank before it", text: ` 00-${TRACE}-${SPAN}-01` },
  { name: "a line end behind it", text: `00-${TRACE}-${SPAN}-01\n` },
  { name: "nothing", text: "" },
];

for (const { name, text, sampled } of TRACEPARENTS) {
  Deno.test(`parseTraceparent() ${sampled === undefined ? "ignores" : "reads"} ${name}`, () => {
    assert.deepEqual(
      parseTraceparent(text),
      sampled === undefined ? undefined : { traceId: TRACE, spanId: SPAN, sampled },
    );
  });
}

Deno.test("formatTraceparent() writes version 00 and no flag but the sampled one", () => {
  for (const flags of ["00", "01"]) {
    const text = `00-${TRACE}-${SPAN}-${flags}`;
    const context = parseTraceparent(text);
    assert.equal(context && formatTraceparent(context), text);
  }
  const later = parseTraceparent(`cc-${TRACE}-${SPAN}-ff-more`);
  assert.equal(later && formatTraceparent(later), `00-${TRACE}-${SPAN}-01`);
});

/** Examples and rules of https://www.w3.org/TR/trace-context-1/#tracestate-header. */
const TRACESTATES: readonly {
  readonly name: string;
  readonly text: string;
  readonly valid: boolean;
}[] = [
  { name: "the example", text: "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE", valid: true },
  { name: "blanks around members", text: "rojo=1 ,\tcongo=2", valid: true },
  { name: "empty members", text: "rojo=1,,congo=2,", valid: true },
  { name: "a tenant", text: "fw529a3039@dt=FfNT9q", valid: true },
  { name: "a tenant that begins with a digit", text: "5@dt=1", valid: true },
  { name: "32 members", text: members(32), valid: true },
  { name: "33 members", text: members(33), valid: false },
  { name: "a key twice", text: "rojo=1,rojo=2", valid: false },
  { name: "a key in upper case", text: "Rojo=1", valid: false },
  { name: "a simple key that begins with a digit", text: "1rojo=1", valid: false },
  { name: "a key of 256 characters", text: `${"k".repeat(256)}=1`, valid: true },
  { name: "a key of 257 characters", text: `${"k".repeat(257)}=1`, valid: false },
  { name: "a value of 256 characters", text: `k=${"v".repeat(256)}`, valid: true },
  { name: "a value of 257 characters", text: `k=${"v".repeat(257)}`, valid: false },
  { name: "a value with an equals sign", text: "k=a=b", valid: false },
  { name: "no value", text: "k=", valid: false },
  { name: "letters beyond ASCII", text: "k=ü", valid: false },
  { name: "nothing", text: "", valid: false },
];

for (const { name, text, valid } of TRACESTATES) {
  Deno.test(`isTracestate() ${valid ? "takes" : "refuses"} ${name}`, () => {
    assert.equal(isTracestate(text), valid);
  });
}

Deno.test("parseTraceHeaders() keeps a valid tracestate and leaves a bad one out", () => {
  const traceparent = `00-${TRACE}-${SPAN}-01`;
  assert.equal(parseTraceHeaders(traceparent, "rojo=1")?.state, "rojo=1");
  assert.deepEqual(parseTraceHeaders(traceparent, "rojo"), parseTraceparent(traceparent));
  assert.equal(parseTraceHeaders("00-1-2-3", "rojo=1"), undefined);
});

function members(count: number): string {
  return Array.from({ length: count }, (_, index) => `k${index}=1`).join(",");
}
