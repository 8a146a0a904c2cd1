import assert from "node:assert/strict";
import type { InputSpec } from "./api_types.ts";
import { emptyDraft, readDraft, stillWrong } from "./draft.ts";

function input(type: InputSpec["type"], also: Partial<InputSpec> = {}): InputSpec {
  return { type, description: null, required: false, ...also };
}

Deno.test("a form begins with the defaults of its inputs", () => {
  const { values } = emptyDraft({
    topic: input("string", { default: "deno" }),
    many: input("array", { default: ["a"] }),
    isOn: input("boolean", { default: true }),
    count: input("integer"),
  });
  assert.deepEqual(values, { topic: "deno", many: '[\n  "a"\n]', isOn: true, count: "" });
});

for (
  const { name, spec, text, want } of [
    { name: "text as it is", spec: input("string"), text: " a ", want: " a " },
    { name: "a number", spec: input("number"), text: " 1.5 ", want: 1.5 },
    { name: "a number of an enum", spec: input("integer", { enum: [1, 2] }), text: "2", want: 2 },
    { name: "an array", spec: input("array"), text: "[1]", want: [1] },
    { name: "an object", spec: input("object"), text: '{"a": 1}', want: { a: 1 } },
    { name: "nothing of an empty field", spec: input("number"), text: "", want: undefined },
  ]
) {
  Deno.test(`a form reads ${name}`, () => {
    const { input, errors } = readDraft({ it: spec }, { values: { it: text }, variables: [] });
    assert.deepEqual([input["it"], errors], [want, {}]);
  });
}

for (
  const { name, spec, text, want } of [
    {
      name: "what must be given",
      spec: input("string", { required: true }),
      text: "",
      want: /given/,
    },
    { name: "a word for a number", spec: input("number"), text: "ten", want: /number/ },
    { name: "a fraction for a whole number", spec: input("integer"), text: "1.5", want: /whole/ },
    { name: "broken JSON", spec: input("object"), text: "{", want: /no JSON/ },
    { name: "an array for an object", spec: input("object"), text: "[]", want: /object/ },
    { name: "an object for an array", spec: input("array"), text: "{}", want: /array/ },
  ]
) {
  Deno.test(`a form refuses ${name}`, () => {
    const { errors } = readDraft({ it: spec }, { values: { it: text }, variables: [] });
    assert.match(errors["it"] ?? "", want);
  });
}

Deno.test("a form reads variables, and refuses one without a name or with that of another", () => {
  const variables = [
    { name: " a ", value: "1" },
    { name: "", value: "" },
    { name: "", value: "2" },
    {
      name: "a",
      value: "3",
    },
  ];
  const { input, errors } = readDraft({}, { values: {}, variables });
  assert.deepEqual(input, { a: "1" });
  assert.deepEqual(Object.keys(errors), ["variable 2", "variable 3"]);
});

Deno.test("what is wrong is no longer told of a field that was touched", () => {
  const before = { values: { a: "", b: "" }, variables: [] };
  const errors = { a: "This must be given", b: "This must be given" };
  assert.deepEqual(
    Object.keys(stillWrong(errors, before, { ...before, values: { a: "1", b: "" } })),
    [
      "b",
    ],
  );
});
