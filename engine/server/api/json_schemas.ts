import { z } from "zod";

/** JSON Schema (draft 2020-12), as OpenAPI 3.1 has it. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/** Which way a value goes: what a caller sends may leave out what has a default. */
export type Direction = "request" | "answer";

/** Schemas of a document: those with a name of their own are components, which others refer to. */
export class JsonSchemas {
  readonly #components: { [name: string]: JsonSchema } = {};
  /** Whether answers may hold what is not described: clients are to bear with what comes later. */
  readonly #isOpen: boolean;

  constructor({ isOpen }: { readonly isOpen: boolean }) {
    this.#isOpen = isOpen;
  }

  /** By name, in the order of names. */
  get components(): { readonly [name: string]: JsonSchema } {
    return Object.fromEntries(
      Object.entries(this.#components).sort(([a], [b]) => a < b ? -1 : 1),
    );
  }

  /** A schema as JSON. */
  of(schema: z.ZodType, direction: Direction): JsonSchema {
    // Within another one, a schema with a name becomes a reference.
    const whole = z.toJSONSchema(z.object({ value: schema }), {
      io: direction === "request" ? "input" : "output",
      override: ({ jsonSchema }) => {
        if (this.#isOpen && direction === "answer" && jsonSchema.additionalProperties === false) {
          delete jsonSchema.additionalProperties;
        }
      },
    }) as unknown as {
      readonly properties: { readonly value: JsonSchema };
      readonly $defs?: JsonSchema;
    };
    for (const [name, component] of Object.entries(whole.$defs ?? {})) {
      const { id: _, ...rest } = component as JsonSchema;
      this.#components[name] = moved(rest) as JsonSchema;
    }
    return moved(whole.properties.value) as JsonSchema;
  }
}

/** References, as they are in the document. */
function moved(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(moved);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [
      key,
      key === "$ref" && typeof part === "string"
        ? part.replace("#/$defs/", "#/components/schemas/")
        : moved(part),
    ]),
  );
}
