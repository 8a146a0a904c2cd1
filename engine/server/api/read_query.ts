import { z } from "zod";
import { FieldError } from "../field_error.ts";

/** What a parameter of the query is in JSON. */
type Kind = "integer" | "boolean" | "array" | "text";

const KINDS = new WeakMap<z.ZodObject, ReadonlyMap<string, Kind>>();

/**
 * The parameters of a query string as the values that their schemas are about: whole numbers, `true` and `false`, and
 * lists by commas. What does not read as one stays text, and is refused with the rest.
 *
 * @throws {FieldError} for a parameter that comes twice
 */
export function readQuery(
  query: URLSearchParams,
  schema: z.ZodObject,
): { readonly [name: string]: unknown } {
  const kinds = kindsOf(schema);
  // A parameter may have any name.
  const values: { [name: string]: unknown } = Object.create(null);
  for (const [name, text] of query) {
    if (Object.hasOwn(values, name)) {
      throw new FieldError(name, "it is there twice", `Send it once: ?${name}=…`);
    }
    values[name] = valueOf(text, kinds.get(name) ?? "text");
  }
  return { ...values };
}

function valueOf(text: string, kind: Kind): unknown {
  switch (kind) {
    case "integer":
      return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
    case "boolean":
      if (/^(true|1|yes|)$/i.test(text)) return true;
      return /^(false|0|no)$/i.test(text) ? false : text;
    case "array":
      return text.split(",");
    case "text":
      return text;
  }
}

function kindsOf(schema: z.ZodObject): ReadonlyMap<string, Kind> {
  let kinds = KINDS.get(schema);
  if (kinds === undefined) {
    kinds = new Map(
      Object.entries(schema.shape).map(([name, part]) => [name, kindOf(part as z.ZodType)]),
    );
    KINDS.set(schema, kinds);
  }
  return kinds;
}

interface JsonSchema {
  readonly type?: string;
  readonly anyOf?: readonly JsonSchema[];
}

function kindOf(part: z.ZodType): Kind {
  const json = z.toJSONSchema(part, { io: "input" }) as JsonSchema;
  const types = [json, ...json.anyOf ?? []].map(({ type }) => type);
  if (types.includes("integer")) return "integer";
  if (types.includes("boolean")) return "boolean";
  return types.includes("array") ? "array" : "text";
}
