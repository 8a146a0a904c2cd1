import type { JsonObject, JsonValue } from "../json/mod.ts";
import type { WorkflowSpec } from "../spec/mod.ts";
import { renderTemplate } from "../templates/mod.ts";

/** What a run of a commit may be told of it. */
export interface PushValues {
  readonly repository: string;
  readonly commit: string;
  readonly ref: string;
  /** Empty for a tag. */
  readonly branch: string;
}

/** Names of branches may look like templates, and are none. */
const PLAIN: ReadonlySet<string> = new Set(["repository", "commit", "ref", "branch"]);

/** Where the values of a run come from; those that are named later count more. */
export interface ExpandInputsOptions {
  readonly push: PushValues;
  /** Of the attachment: texts are templates. */
  readonly attached?: JsonObject;
  /** Of whoever starts it, as they are. */
  readonly given?: JsonObject;
}

/**
 * The input of a run: declared inputs whose default is a template, or that are called as a value of the push, and
 * over them what was attached and given.
 *
 * @throws {TemplateError}
 */
export function expandInputs(
  { inputs }: Pick<WorkflowSpec, "inputs">,
  { push, attached = {}, given = {} }: ExpandInputsOptions,
): JsonObject {
  const values: JsonObject = { ...push };
  const input: { [name: string]: JsonValue } = {};
  for (const [name, spec] of Object.entries(inputs)) {
    if (hasTemplate(spec.default)) input[name] = expand(spec.default, values, name);
    else if (spec.default === undefined && spec.type === "string" && PLAIN.has(name)) {
      input[name] = values[name] ?? "";
    }
  }
  for (const [name, value] of Object.entries(attached)) input[name] = expand(value, values, name);
  return { ...input, ...given };
}

function hasTemplate(value: JsonValue | undefined): value is JsonValue {
  return value !== undefined && JSON.stringify(value).includes("{{");
}

function expand(value: JsonValue, values: JsonObject, name: string): JsonValue {
  if (typeof value === "string") {
    return renderTemplate(value, values, { name: `input "${name}"`, plain: PLAIN });
  }
  if (Array.isArray(value)) return value.map((item) => expand(item, values, name));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, expand(item, values, name)]),
  );
}
