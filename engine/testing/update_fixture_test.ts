import assert from "node:assert/strict";
import { parseJsonSource } from "./json_source.ts";
import { project, withValue } from "./update_fixture.ts";

Deno.test("withValue() replaces one value and leaves the rest to the last space", () => {
  const text = '{\n  "expected": {"old": [1,2]},\n  "input":   { "b": 1, "a": 2 }\n}\n';
  assert.equal(
    withValue(parseJsonSource(text), ["expected"], { z: 1, a: [] }),
    '{\n  "expected": {\n    "z": 1,\n    "a": []\n  },\n  "input":   { "b": 1, "a": 2 }\n}\n',
  );
});

Deno.test("withValue() keeps the indentation of the file", () => {
  const text = '{\n\t"expected": 1\n}';
  assert.equal(
    withValue(parseJsonSource(text), ["expected"], { a: 1 }),
    '{\n\t"expected": {\n\t\t"a": 1\n\t}\n}',
  );
});

Deno.test("withValue() adds a key that is not there", () => {
  assert.equal(
    withValue(parseJsonSource('{ "input": {} }\n'), ["expected"], "x"),
    '{ "input": {},\n  "expected": "x"\n}\n',
  );
  assert.equal(
    withValue(parseJsonSource("{}"), ["expected"], null),
    '{\n  "expected": null\n}',
  );
});

Deno.test("withValue() writes what replace patterns would spoil", () => {
  const text = '{\n  "expected": ""\n}';
  const updated = withValue(parseJsonSource(text), ["expected"], "$& $1 $$");
  assert.deepEqual(JSON.parse(updated), { expected: "$& $1 $$" });
});

Deno.test("project() keeps a subset a subset", () => {
  const actual = { id: 1, title: "new", list: [{ id: 2, more: true }, { id: 3, more: true }] };
  assert.deepEqual(project({ title: "old", list: [{ id: 9 }] }, actual), {
    title: "new",
    list: [{ id: 2 }, { id: 3 }],
  });
  assert.equal(project({ a: 1 }, "text"), "text");
});
