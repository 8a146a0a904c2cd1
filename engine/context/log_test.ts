import assert from "node:assert/strict";
import { testContext } from "./_test_context.ts";
import { toLogLine } from "./log.ts";

Deno.test("ctx.log hands on level, message and fields", () => {
  const { ctx, lines } = testContext();
  ctx.log.debug("a");
  ctx.log.info("b", { n: 1 });
  ctx.log.warn("c", { list: [true, null] });
  ctx.log.error("d", {});
  assert.deepEqual(lines, [
    { level: "debug", message: "a" },
    { level: "info", message: "b", fields: { n: 1 } },
    { level: "warn", message: "c", fields: { list: [true, null] } },
    { level: "error", message: "d", fields: {} },
  ]);
});

Deno.test("a log line does not change when its fields do later", () => {
  const { ctx, lines } = testContext();
  const fields = { count: 1 };
  ctx.log.info("counted", fields);
  fields.count = 2;
  assert.deepEqual(lines[0]?.fields, { count: 1 });
});

const cycle: { self?: unknown } = {};
cycle.self = cycle;
const spiteful = { toJSON: () => assert.fail("no") };

const ODD_FIELDS: readonly { is: string; fields: unknown; want: unknown }[] = [
  { is: "a cycle", fields: cycle, want: { self: "[circular]" } },
  { is: "a BigInt", fields: { n: 10n }, want: { n: "10" } },
  { is: "NaN beside a BigInt", fields: { n: NaN, b: 1n }, want: { n: "NaN", b: "1" } },
  { is: "a date", fields: { at: new Date(0) }, want: { at: "1970-01-01T00:00:00.000Z" } },
  { is: "a toJSON that throws", fields: spiteful, want: { toJSON: String(spiteful.toJSON) } },
];

for (const { is, fields, want } of ODD_FIELDS) {
  Deno.test(`a log line takes ${is} among its fields`, () => {
    assert.deepEqual(toLogLine("info", "x", fields).fields, want);
  });
}

Deno.test("an error among the fields keeps name, message, stack and cause", () => {
  const error = new TypeError("outer", { cause: new Error("inner") });
  for (
    const fields of [toLogLine("error", "x", { error }).fields, toLogLine("error", "x", error)]
  ) {
    const text = JSON.stringify(fields);
    assert.match(text, /"name":"TypeError","message":"outer","stack":"TypeError: outer/);
    assert.match(text, /"cause":\{"name":"Error","message":"inner"/);
  }
});

Deno.test("a getter that throws and 100 000 levels do not break a log line", () => {
  const deep: { child?: unknown } = {};
  let level = deep;
  for (let i = 0; i < 100_000; i++) level = level.child = {};
  assert.ok(toLogLine("info", "x", deep).fields !== undefined);
  assert.ok(toLogLine("info", "x", { deep, error: new Error("slow way") }).fields !== undefined);
  const trap = {
    get value(): never {
      throw new Error("no entry");
    },
  };
  assert.equal(toLogLine("info", "x", trap).fields, "[unreadable: no entry]");
});

Deno.test("a message that is no text becomes one", () => {
  const messages = [new RangeError("r"), { a: 1 }, null, undefined, 5n, Symbol("s")];
  assert.deepEqual(
    messages.map((message) => toLogLine("info", message).message),
    ["RangeError: r", '{"a":1}', "null", "undefined", "5", "Symbol(s)"],
  );
});
