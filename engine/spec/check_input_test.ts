import assert from "node:assert/strict";
import type { JsonValue } from "../json/mod.ts";
import { checkInput } from "./check_input.ts";
import { parseWorkflow } from "./parse_workflow.ts";
import type { InputSpec } from "./types.ts";

function declare(inputs: string): { readonly [name: string]: InputSpec } {
  const { spec, diagnostics } = parseWorkflow(
    `name: demo\nversion: "1.0"\nnodes: { a: { path: a.ts } }\ninputs: ${inputs}\n`,
  );
  assert.deepEqual(diagnostics, []);
  return spec?.inputs ?? {};
}

Deno.test("checkInput() takes any JSON when the workflow declares no inputs", () => {
  for (const input of [null, 1, "x", [1], { a: 1 }]) {
    assert.deepEqual(checkInput({}, input), { ok: true, value: input });
  }
});

Deno.test("checkInput() fills in defaults and keeps what it does not know", () => {
  const inputs = declare(
    "{ topic: { default: deno }, tags: { type: array, default: [a] }, n: {} }",
  );
  assert.deepEqual(checkInput(inputs, { extra: 1, topic: "node" }), {
    ok: true,
    value: { extra: 1, topic: "node", tags: ["a"] },
  });
  assert.deepEqual(checkInput(inputs, null), { ok: true, value: { topic: "deno", tags: ["a"] } });
});

Deno.test("checkInput() gives each run a default of its own", () => {
  const inputs = declare("{ tags: { type: array, default: [a] } }");
  const [first, second] = [checkInput(inputs, {}), checkInput(inputs, {})];
  assert.ok(first.ok && second.ok);
  const tags = (value: JsonValue) => (value as { tags: JsonValue }).tags;
  assert.notEqual(tags(first.value), tags(second.value));
});

Deno.test("checkInput() reports every input that is wrong, with a value to send instead", () => {
  const inputs = declare(`
  topic: { required: true }
  lang: { enum: [deno, node], default: deno }
  limit: { type: integer }
  ratio: { type: number }
  dry: { type: boolean }
  tags: { type: array }
  extra: { type: object }
  forced: { required: true, default: x }`);
  const check = checkInput(inputs, {
    topik: "x",
    lang: "dneo",
    limit: "10",
    ratio: "high",
    dry: "true",
    tags: {},
    extra: [],
  });
  assert.ok(!check.ok);
  assert.deepEqual(check.problems, [
    {
      input: "topic",
      message: 'Cannot start the run as the input "topic" is required: it is missing',
      fix: 'Rename "topik" to "topic"',
    },
    {
      input: "lang",
      message: 'Cannot take the input "lang" as it must be one of "deno", "node": "dneo"',
      fix: '"lang": "deno"',
    },
    {
      input: "limit",
      message: 'Cannot take the input "limit" as its type is integer: it is a string',
      fix: '"limit": 10',
    },
    {
      input: "ratio",
      message: 'Cannot take the input "ratio" as its type is number: it is a string',
      fix: '"ratio": 1.5',
    },
    {
      input: "dry",
      message: 'Cannot take the input "dry" as its type is boolean: it is a string',
      fix: '"dry": true',
    },
    {
      input: "tags",
      message: 'Cannot take the input "tags" as its type is array: it is an object',
      fix: '"tags": []',
    },
    {
      input: "extra",
      message: 'Cannot take the input "extra" as its type is object: it is an array',
      fix: '"extra": {}',
    },
    {
      input: "forced",
      message: 'Cannot start the run as the input "forced" is required: it is missing',
      fix: 'Add "forced": "x"',
    },
  ]);
});

Deno.test("checkInput() accepts a whole number for a number and compares lists and maps by value", () => {
  const inputs = declare(
    "{ n: { type: number }, m: { type: object, enum: [{ a: 1, b: [2] }] }, z: { type: array } }",
  );
  assert.ok(checkInput(inputs, { n: 3, m: { b: [2], a: 1 }, z: [] }).ok);
  assert.ok(!checkInput(inputs, { m: { a: 1, b: [3] } }).ok);
  assert.ok(!checkInput(inputs, { z: null }).ok);
});

Deno.test("checkInput() refuses an input that is no object when inputs are declared", () => {
  for (const input of [1, "x", [1], true]) {
    const check = checkInput(declare("{ topic: {} }"), input);
    assert.ok(!check.ok);
    assert.equal(check.problems[0]?.input, "");
    assert.equal(check.problems[0]?.fix, 'Send a JSON object: {"topic": "…"}');
  }
});

Deno.test("checkInput() is not misled by the members of objects", () => {
  const inputs = declare("{ constructor: { required: true }, toString: { default: x } }");
  const check = checkInput(inputs, {});
  assert.ok(!check.ok);
  assert.deepEqual(check.problems.map(({ input }) => input), ["constructor"]);
});
