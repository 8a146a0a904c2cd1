import type { InputSpec } from "./api_types.ts";

/** What somebody has typed so far. */
export interface Draft {
  /** By input: text, or whether a box is ticked. */
  readonly values: { readonly [input: string]: string | boolean };
  /** Of workflows that declare no inputs: names and values, free. */
  readonly variables: readonly { readonly name: string; readonly value: string }[];
}

/** What a draft comes to. */
export interface ReadDraft {
  readonly input: { readonly [name: string]: unknown };
  /** By input: what is wrong with it. */
  readonly errors: { readonly [input: string]: string };
}

type Inputs = { readonly [name: string]: InputSpec };

/** A form as it is opened: defaults are filled in. */
export function emptyDraft(inputs: Inputs): Draft {
  const values: Record<string, string | boolean> = {};
  for (const [name, spec] of Object.entries(inputs)) {
    values[name] = spec.type === "boolean" && spec.enum === undefined
      ? spec.default === true
      : spec.default === undefined
      ? ""
      : asText(spec.default, spec);
  }
  return { values, variables: [] };
}

/** The input of a run: what is empty is left out, unless it must be given. */
export function readDraft(inputs: Inputs, { values, variables }: Draft): ReadDraft {
  const input: Record<string, unknown> = {};
  const errors: Record<string, string> = {};
  for (const [name, spec] of Object.entries(inputs)) {
    const given = values[name] ?? "";
    if (typeof given === "boolean") {
      input[name] = given;
      continue;
    }
    const text = spec.type === "string" ? given : given.trim();
    if (text === "") {
      if (spec.required) errors[name] = "This must be given";
      else if (spec.type === "string" && spec.default !== undefined && spec.default !== "") {
        input[name] = "";
      }
      continue;
    }
    const read = readValue(text, spec);
    if ("error" in read) errors[name] = read.error;
    else input[name] = read.value;
  }
  for (const [index, { name, value }] of variables.entries()) {
    if (name.trim() === "") {
      if (value !== "") errors[`variable ${index}`] = "A variable needs a name";
    } else if (name in input) errors[`variable ${index}`] = `There is a "${name}" already`;
    else input[name.trim()] = value;
  }
  return { input, errors };
}

/** What was wrong and has not been touched since. */
export function stillWrong(
  errors: ReadDraft["errors"],
  before: Draft,
  after: Draft,
): ReadDraft["errors"] {
  const isTouched = (name: string) =>
    name.startsWith("variable ")
      ? before.variables !== after.variables
      : before.values[name] !== after.values[name];
  return Object.fromEntries(Object.entries(errors).filter(([name]) => !isTouched(name)));
}

/** A value as a field shows it. */
export function asText(value: unknown, { type }: Pick<InputSpec, "type">): string {
  if (type === "string" && typeof value === "string") return value;
  return type === "array" || type === "object" ? JSON.stringify(value, null, 2) : String(value);
}

type Read = { readonly value: unknown } | { readonly error: string };

function readValue(text: string, spec: InputSpec): Read {
  const chosen = spec.enum?.find((one) => asText(one, spec) === text);
  if (chosen !== undefined) return { value: chosen };
  switch (spec.type) {
    case "number":
    case "integer": {
      const value = Number(text);
      if (!Number.isFinite(value)) return { error: "This must be a number" };
      if (spec.type === "integer" && !Number.isInteger(value)) {
        return { error: "This must be a whole number" };
      }
      return { value };
    }
    case "array":
    case "object":
      return readJson(text, spec.type);
    default:
      return { value: text };
  }
}

function readJson(text: string, type: "array" | "object"): Read {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { error: `This is no JSON: ${error instanceof Error ? error.message : error}` };
  }
  if (type === "array" && !Array.isArray(value)) {
    return { error: 'This must be an array: ["a", "b"]' };
  }
  if (type === "object" && (typeof value !== "object" || value === null || Array.isArray(value))) {
    return { error: 'This must be an object: {"key": "value"}' };
  }
  return { value };
}
