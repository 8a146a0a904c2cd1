/** Turns what the schema knows about a place into flaws that a person can mend. */
import { globalRegistry } from "zod";
import type * as z from "zod";
import type { JsonObject, JsonValue } from "../json/mod.ts";
import { didYouMean } from "../words/mod.ts";
import { NOUNS } from "./fields.ts";
import { NODE_KINDS } from "./node_schema.ts";
import { describe, type Flaw, type Problem, problemAt, quoted } from "./problem.ts";
import type { SourceOf } from "./read_file.ts";

interface Place {
  readonly path: readonly (string | number)[];
  readonly sourceOf: SourceOf;
}

/** What is wrong with a text, number, flag or word. */
export function leafProblems(schema: z.ZodType, value: JsonValue, place: Place): Problem[] {
  const result = schema.safeParse(value);
  if (result.success) return [];
  return result.error.issues.map((issue) => {
    const flaw = issue.code === "custom" ? issue.params?.["flaw"] as Flaw | undefined : undefined;
    return problemAt(place.path, flaw ?? leafFlaw(schema, issue, value, place));
  });
}

function leafFlaw(
  schema: z.ZodType,
  issue: z.core.$ZodIssue,
  value: JsonValue,
  place: Place,
): Flaw {
  const noun = nounOf(schema);
  if (value === null) {
    return {
      code: "SPEC_TYPE",
      rule: `it must be ${noun}`,
      state: "it is empty",
      fix: { write: sampleOf(schema) ?? "…" },
    };
  }
  const words = issue.code === "invalid_value" ? issue.values.map(String) : [];
  const near = typeof value === "string" ? didYouMean(value, words) : undefined;
  return {
    code: issue.code === "invalid_type" || typeof value === "object" ? "SPEC_TYPE" : "SPEC_VALUE",
    rule: `it must be ${noun}`,
    state: typeof value === "number"
      ? `it is the number ${place.sourceOf(place.path) ?? value}`
      : `it is ${describe(value)}`,
    fix: { write: near ?? converted(schema, value, place) ?? sampleOf(schema) ?? "…" },
  };
}

/** The value in the type that the schema wants, when it is only written as another one. */
function converted(schema: z.ZodType, value: JsonValue, place: Place): string | undefined {
  if (typeof value === "object") return undefined;
  const source = place.sourceOf(place.path) ?? String(value);
  if (schema.def.type === "string") {
    if (schema.safeParse(source).success) return JSON.stringify(source);
    // A bare number where a duration belongs: seconds are what people mean.
    return schema.safeParse(`${source}s`).success ? `${source}s` : undefined;
  }
  if (schema.def.type === "boolean") {
    if (/^(yes|on|true|1)$/i.test(source)) return "true";
    return /^(no|off|false|0)$/i.test(source) ? "false" : undefined;
  }
  const number = Number(source);
  if (schema.def.type !== "number" || source.trim() === "") return undefined;
  return schema.safeParse(number).success ? String(number) : undefined;
}

/** The flaw of a key that the schema does not have at its place. */
export function keyFlaw(
  key: string,
  siblings: JsonObject,
  shape: { readonly [key: string]: unknown },
): Flaw {
  const free = Object.keys(shape).filter((candidate) => !Object.hasOwn(siblings, candidate));
  const near = didYouMean(key, free);
  const others = Object.entries(NODE_KINDS).filter(([kind]) => !Object.hasOwn(siblings, kind));
  const isNode = Object.keys(NODE_KINDS).some((kind) => Object.hasOwn(shape, kind));
  const kinds = isNode && near === undefined
    ? others.filter(([, schema]) => Object.hasOwn(schema._zod.innerType.shape, key)).map(([kind]) =>
      kind
    )
    : [];
  if (kinds.length > 0) {
    return {
      code: "SPEC_NODE_KIND",
      rule: `the key belongs to nodes with ${kinds.join(" or ")}`,
      state: "this node is of another kind",
      fix: { say: `Remove ${quoted(key)}, or make it a node with ${kinds[0]}:` },
    };
  }
  return {
    code: "SPEC_UNKNOWN_KEY",
    rule: "there is no such key here",
    state: near === undefined ? "it is unknown" : `did you mean ${quoted(near)}`,
    fix: {
      say: near === undefined
        ? `Remove ${quoted(key)}; the keys here are ${Object.keys(shape).join(", ")}`
        : `Rename ${quoted(key)} to ${near}:`,
    },
  };
}

/** How messages call a value of `schema`. */
export function nounOf(schema: z.core.$ZodType): string {
  const named = NOUNS.get(schema);
  if (named !== undefined) return named;
  const { def } = schema._zod;
  switch (def.type) {
    case "string":
      return "text";
    case "number":
      return "a number";
    case "boolean":
      return "true or false";
    case "enum":
    case "literal":
      return `one of ${[...schema._zod.values ?? []].join(", ")}`;
    case "array":
      return "a list";
    case "union": {
      const nouns = (def as z.core.$ZodUnionDef).options.map(nounOf);
      return [...new Set(nouns)].join(" or ");
    }
    case "optional":
      return nounOf((def as z.core.$ZodOptionalDef).innerType);
    case "lazy":
      return nounOf((schema as z.ZodLazy)._zod.innerType);
    default:
      return "a map";
  }
}

/** An example value of `schema` as it can be pasted into the file. */
export function sampleOf(schema: z.core.$ZodType): string | undefined {
  const { def } = schema._zod;
  if (def.type === "optional") return sampleOf((def as z.core.$ZodOptionalDef).innerType);
  if (def.type === "lazy") return sampleOf((schema as z.ZodLazy)._zod.innerType);
  const examples = globalRegistry.get(schema)?.["examples"];
  if (Array.isArray(examples) && examples.length > 0) return inline(examples[0]);
  return undefined;
}

function inline(value: unknown): string {
  if (typeof value === "string") {
    const isPlain = /^[A-Za-z./][\w./-]*( [\w./-]+)*$|^\d+(\.\d+)?[A-Za-z]+$|^[a-z]+:\/\/\S+$/.test(
      value,
    );
    return isPlain ? value : JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(inline).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    return `{ ${
      Object.entries(value).map(([key, item]) => `${key}: ${inline(item)}`).join(", ")
    } }`;
  }
  return String(value);
}
