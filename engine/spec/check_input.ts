import type { JsonObject, JsonValue } from "../json/mod.ts";
import { didYouMean } from "../words/mod.ts";
import { inputFlaw, typeOf } from "./input_value.ts";
import { describe, quoted } from "./problem.ts";
import type { InputSpec } from "./types.ts";

/** What is wrong with one input of a run. */
export interface InputProblem {
  /** Name of the input; empty when the input as a whole is meant. */
  readonly input: string;
  readonly message: string;
  readonly fix: string;
}

/** The input of a run with its defaults filled in, or everything that is wrong with it. */
export type InputCheck =
  | { readonly ok: true; readonly value: JsonValue }
  | { readonly ok: false; readonly problems: readonly InputProblem[] };

/**
 * Checks the input of a run against the workflow's `inputs`. Without declared inputs any JSON will do.
 * With them, `null` counts as `{}`, defaults are filled in, and unknown keys are kept: a trigger may send
 * more than the workflow asks for.
 */
export function checkInput(
  inputs: { readonly [name: string]: InputSpec },
  input: JsonValue,
): InputCheck {
  const names = Object.keys(inputs);
  if (names.length === 0) return { ok: true, value: input };
  if (input !== null && (typeof input !== "object" || Array.isArray(input))) {
    const message = `Cannot take the input as the workflow names its inputs: it is ${
      describe(input)
    }`;
    return {
      ok: false,
      problems: [{ input: "", message, fix: `Send a JSON object: ${sampleInput(inputs)}` }],
    };
  }
  const given = (input ?? {}) as JsonObject;
  const value: { [name: string]: JsonValue } = { ...given };
  const problems: InputProblem[] = [];
  for (const [name, spec] of Object.entries(inputs)) {
    if (Object.hasOwn(given, name)) {
      const problem = valueProblem(name, spec, given[name] ?? null);
      if (problem !== undefined) problems.push(problem);
    } else if (spec.required) {
      const near = didYouMean(
        name,
        Object.keys(given).filter((key) => !Object.hasOwn(inputs, key)),
      );
      problems.push({
        input: name,
        message: `Cannot start the run as the input "${name}" is required: it is missing`,
        fix: near === undefined
          ? `Add "${name}": ${sampleValue(spec)}`
          : `Rename "${near}" to "${name}"`,
      });
    } else if (spec.default !== undefined) value[name] = structuredClone(spec.default) as JsonValue;
  }
  return problems.length === 0 ? { ok: true, value } : { ok: false, problems };
}

function valueProblem(name: string, spec: InputSpec, value: JsonValue): InputProblem | undefined {
  const flaw = inputFlaw(spec, value);
  if (flaw === undefined) return undefined;
  const words = (spec.enum ?? []).map((word) => JSON.stringify(word));
  const near = typeof value === "string"
    ? didYouMean(value, (spec.enum ?? []).filter((word) => typeof word === "string"))
    : undefined;
  const rule = flaw === "type"
    ? `its type is ${spec.type}`
    : `it must be one of ${words.join(", ")}`;
  const state = flaw === "type" ? `it is ${article(typeOf(value))}` : describe(value);
  return {
    input: name,
    message: `Cannot take the input "${name}" as ${rule}: ${state}`,
    fix: `"${name}": ${near === undefined ? sampleValue(spec, value) : quoted(near)}`,
  };
}

function article(type: string): string {
  if (type === "null") return "null";
  return `${/^[aeiou]/.test(type) ? "an" : "a"} ${type}`;
}

/** A value that `spec` allows: `value` in the right type where that can be told. */
function sampleValue(spec: InputSpec, value: JsonValue = null): string {
  const converted = convertedValue(spec.type, value);
  if (converted !== undefined && inputFlaw(spec, converted) === undefined) {
    return JSON.stringify(converted);
  }
  if (spec.default !== undefined) return JSON.stringify(spec.default);
  if (spec.enum?.[0] !== undefined) return JSON.stringify(spec.enum[0]);
  return { string: '"…"', number: "1.5", integer: "1", boolean: "true", array: "[]", object: "{}" }[
    spec.type
  ];
}

function convertedValue(type: InputSpec["type"], value: JsonValue): JsonValue | undefined {
  if (value === null || typeof value === "object") return undefined;
  const written = String(value).trim();
  if (type === "string") return written;
  if (type === "boolean" && /^(true|false)$/.test(written)) return written === "true";
  const isNumber = written !== "" && Number.isFinite(Number(written));
  return (type === "number" || type === "integer") && isNumber ? Number(written) : undefined;
}

function sampleInput(inputs: { readonly [name: string]: InputSpec }): string {
  const [name, spec] = Object.entries(inputs)[0] ?? [];
  return spec === undefined ? "{}" : `{"${name}": ${sampleValue(spec)}}`;
}
