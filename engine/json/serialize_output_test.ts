import assert from "node:assert/strict";
import { serializeOutput } from "./mod.ts";

const MIB = 1024 * 1024;

class Point {
  readonly x = 3;
  readonly y = 4;

  norm(): number {
    return Math.hypot(this.x, this.y);
  }
}

const CARRIED: readonly { name: string; value: unknown; text: string }[] = [
  { name: "undefined at the top is null", value: undefined, text: "null" },
  { name: "null", value: null, text: "null" },
  { name: "a string with quotes and a lone surrogate", value: 'a"\ud800', text: '"a\\"\\ud800"' },
  {
    name: "NaN and the infinities are null",
    value: [NaN, Infinity, -Infinity],
    text: "[null,null,null]",
  },
  { name: "an undefined member is dropped", value: { a: undefined, b: 1 }, text: '{"b":1}' },
  { name: "an undefined or missing item is null", value: [undefined, , 1], text: "[null,null,1]" },
  {
    name: "a Date is its ISO text",
    value: { at: new Date(0) },
    text: '{"at":"1970-01-01T00:00:00.000Z"}',
  },
  {
    name: "a URL is its text",
    value: new URL("https://a.example/b"),
    text: '"https://a.example/b"',
  },
  { name: "toJSON is honoured", value: { toJSON: () => ({ a: 1 }) }, text: '{"a":1}' },
  {
    name: "an instance of a class becomes its fields",
    value: new Point(),
    text: '{"x":3,"y":4}',
  },
  { name: "an object without a prototype", value: Object.create(null), text: "{}" },
  { name: "the same object twice is no cycle", value: twice(), text: '[{"a":1},{"a":1}]' },
  { name: "symbol keys are dropped", value: { [Symbol("s")]: 1, a: 2 }, text: '{"a":2}' },
];

for (const { name, value, text } of CARRIED) {
  Deno.test(`serializeOutput() carries: ${name}`, () => {
    assert.deepEqual(serializeOutput(value, MIB), { ok: true, text });
  });
}

const REFUSED: readonly { name: string; value: unknown; says: string; fix: RegExp }[] = [
  {
    name: "a BigInt",
    value: { a: [1n] },
    says: "output.a[0] is a BigInt",
    fix: /String\(output\.a\[0\]\)/,
  },
  {
    name: "a function deep inside",
    value: { items: [0, 1, 2, { fn() {} }] },
    says: "output.items[3].fn is a function",
    fix: /Leave output\.items\[3\]\.fn out/,
  },
  { name: "a function at the top", value: () => 1, says: "output is a function", fix: /Leave/ },
  { name: "a symbol", value: { a: Symbol("x") }, says: "output.a is a symbol", fix: /description/ },
  { name: "a function in a list", value: [() => 1], says: "output[0] is a function", fix: /Leave/ },
  {
    name: "a cycle",
    value: cycle(),
    says: "output.b.c is a cycle: it is output.b again",
    fix: /output\.b\.c/,
  },
  {
    name: "a Map",
    value: { "odd key": new Map() },
    says: 'output["odd key"] is a Map',
    fix: /fromEntries/,
  },
  { name: "a Set", value: [new Set([1])], says: "output[0] is a Set", fix: /\[\.\.\.set\]/ },
  {
    name: "a Promise",
    value: { a: Promise.resolve(1) },
    says: "output.a is a Promise",
    fix: /await/,
  },
  {
    name: "an Error",
    value: { e: new TypeError("x") },
    says: "output.e is an Error",
    fix: /message/,
  },
  {
    name: "bytes",
    value: { b: new Uint8Array(2) },
    says: "output.b is bytes or numbers in a Uint8Array",
    fix: /\[\.\.\.bytes\]/,
  },
  {
    name: "an iterator",
    value: [1].values(),
    says: "output is an iterator",
    fix: /\[\.\.\.iterator\]/,
  },
  {
    name: "a Map behind toJSON",
    value: { toJSON: () => new Map() },
    says: "output is a Map",
    fix: /fromEntries/,
  },
  {
    name: "a getter that throws",
    value: {
      get a() {
        throw new Error("not now");
      },
    },
    says: "reading it threw Error: not now",
    fix: /plain object/,
  },
];

for (const { name, value, says, fix } of REFUSED) {
  Deno.test(`serializeOutput() refuses ${name} and says where`, () => {
    const result = serializeOutput(value, MIB);
    assert.ok(!result.ok);
    assert.equal(result.code, "NODE_OUTPUT_INVALID");
    assert.equal(result.message, `Cannot use the output as it must be JSON: ${says}`);
    assert.match(result.fix, fix);
  });
}

Deno.test("serializeOutput() counts UTF-8 bytes against the limit, inclusive", () => {
  // Two quotes, and 1, 2, 3 and 4 bytes.
  const value = "aß€😀";
  assert.deepEqual(serializeOutput(value, 12), { ok: true, text: JSON.stringify(value) });
  const result = serializeOutput(value, 11);
  assert.ok(!result.ok);
  assert.equal(result.code, "NODE_OUTPUT_TOO_LARGE");
  assert.equal(
    result.message,
    "Cannot use the output as config.max_output is 11 bytes: it is 12 bytes",
  );
});

Deno.test("serializeOutput() answers for 100 MB in bounded time", () => {
  const result = serializeOutput({ text: "x".repeat(100 * MIB) }, 16 * MIB);
  assert.ok(!result.ok);
  assert.match(result.message, /16777216 bytes: it is 104857611 bytes/);
});

Deno.test("serializeOutput() answers for a text longer than the runtime can hold", () => {
  const part = "x".repeat(64 * MIB);
  const result = serializeOutput(Array(9).fill(part), 16 * MIB);
  assert.ok(!result.ok);
  assert.equal(result.code, "NODE_OUTPUT_TOO_LARGE");
});

Deno.test("serializeOutput() neither overflows the stack nor hangs on 200 000 levels", () => {
  for (const bottom of [1, 1n, () => 1]) {
    let value: unknown = bottom;
    for (let i = 0; i < 200_000; i++) value = [value];
    const result = serializeOutput(value, MIB);
    if (!result.ok) {
      assert.equal(result.code, "NODE_OUTPUT_INVALID");
      assert.ok(result.message.length < 500);
    }
  }
});

function cycle(): unknown {
  const b: Record<string, unknown> = { name: "b" };
  b["c"] = b;
  return { a: 1, b };
}

function twice(): unknown {
  const a = { a: 1 };
  return [a, a];
}
