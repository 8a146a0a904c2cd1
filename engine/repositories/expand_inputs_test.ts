import assert from "node:assert/strict";
import type { InputSpec } from "../spec/mod.ts";
import { expandInputs } from "./expand_inputs.ts";

const PUSH = { repository: "shop", commit: "c0ffee", ref: "refs/heads/main", branch: "main" };

function input(spec: Partial<InputSpec>): InputSpec {
  return {
    type: "string",
    description: undefined,
    default: undefined,
    enum: undefined,
    required: false,
    ...spec,
  };
}

Deno.test("inputs of an attachment are templates over the push, at any depth", () => {
  const attached = {
    title: "{{ .repository }}@{{ .commit }}",
    list: ["{{ .branch }}", 1, { deep: "{{ .ref }}" }],
    plain: true,
  };
  assert.deepEqual(expandInputs({ inputs: {} }, { push: PUSH, attached }), {
    title: "shop@c0ffee",
    list: ["main", 1, { deep: "refs/heads/main" }],
    plain: true,
  });
});

Deno.test("a branch that looks like a template is none, and values that are given are as they are", () => {
  const push = { ...PUSH, branch: "{{ .commit }}" };
  const options = { push, attached: { a: "{{ .branch }}", b: "{{ .ref }}" }, given: { b: "{{ x" } };
  assert.deepEqual(expandInputs({ inputs: {} }, options), { a: "{{ .commit }}", b: "{{ x" });
});

Deno.test("a template that names what is not there is told by the input's name", () => {
  assert.throws(
    () => expandInputs({ inputs: {} }, { push: PUSH, attached: { a: "{{ .nope }}" } }),
    (error: Error & { code?: string }) =>
      error.code === "TEMPLATE_INVALID" && /input "a"/.test(error.message),
  );
});

Deno.test("declared inputs have the push's values by their names, unless they have a default", () => {
  const inputs = {
    commit: input({}),
    branch: input({ default: "trunk" }),
    ref: input({ type: "number" }),
    image: input({ default: "app:{{ .commit }}" }),
    other: input({}),
  };
  assert.deepEqual(expandInputs({ inputs }, { push: PUSH }), {
    commit: "c0ffee",
    image: "app:c0ffee",
  });
});
