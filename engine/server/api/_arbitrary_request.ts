import fc from "fast-check";
import type { OpenApi, Operation, Parameter } from "./open_api.ts";

/** A request for an operation. */
export interface MadeRequest {
  readonly path: string;
  readonly method: string;
  /** The path with its parameters and query. */
  readonly target: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: string | undefined;
}

/** Values that exist, by the names of parameters, or of a method and a parameter: `delete run`. */
export type Known = { readonly [name: string]: readonly string[] };

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly items?: Schema;
  readonly properties?: { readonly [name: string]: Schema };
  readonly required?: readonly string[];
  readonly propertyNames?: Schema;
  readonly additionalProperties?: Schema | boolean;
}

/** Requests for any operation: as described, and broken in one or more parts. */
export function arbitraryRequest(document: OpenApi, known: Known): fc.Arbitrary<MadeRequest> {
  const all = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) =>
      requestOf({ path, method, operation }, { document, known })
    )
  );
  return fc.oneof(...all);
}

function requestOf(
  { path, method, operation }: { path: string; method: string; operation: Operation },
  { document, known }: { readonly document: OpenApi; readonly known: Known },
): fc.Arbitrary<MadeRequest> {
  const { parameters, requestBody } = operation;
  const inPath = parameters.filter((one) => one.in === "path");
  const schema = requestBody?.content?.["application/json"]?.schema as Schema | undefined;
  return fc.record({
    params: fc.tuple(...inPath.map(({ name }) =>
      fc.oneof(
        {
          weight: 4,
          arbitrary: fc.constantFrom(...known[`${method} ${name}`] ?? known[name] ?? ["x"]),
        },
        { weight: 1, arbitrary: fc.string({ minLength: 1, maxLength: 20, unit: "binary" }) },
      )
    )),
    query: fc.tuple(
      ...parameters.filter((one) => one.in === "query").map((one) => queryOf(one, document)),
    ),
    headers: fc.record({
      accept: fc.constantFrom("*/*", "application/json", "text/event-stream"),
      "idempotency-key": fc.string({ minLength: 1, maxLength: 5, unit: fc.constantFrom("a", "b") }),
      "last-event-id": fc.constantFrom("0", "3", "x", "99999"),
    }, { requiredKeys: [] }),
    body: bodyOf(schema, document),
  }).map(({ params, query, headers, body }) => {
    const left = [...params];
    const at = path.replaceAll(
      /\{\w+\}/g,
      () => encodeURIComponent((left.shift() ?? "x").toWellFormed()),
    );
    const search = query.filter((part) => part !== "").join("&");
    return {
      path,
      method: method.toUpperCase(),
      target: search === "" ? at : `${at}?${search}`,
      headers,
      body: method === "get" ? undefined : body,
    };
  });
}

function queryOf({ name, schema, required }: Parameter, document: OpenApi): fc.Arbitrary<string> {
  const value = fc.oneof(
    { weight: 3, arbitrary: valueOf(schema as Schema, document) },
    { weight: 1, arbitrary: fc.string({ unit: "binary" }) },
  ).map((value) =>
    `${name}=${
      encodeURIComponent((Array.isArray(value) ? value.join(",") : String(value)).toWellFormed())
    }`
  );
  return required ? value : fc.oneof(fc.constant(""), value);
}

function bodyOf(schema: Schema | undefined, document: OpenApi): fc.Arbitrary<string | undefined> {
  if (schema === undefined) return fc.oneof(fc.constant(undefined), fc.json({ maxDepth: 2 }));
  const whole = valueOf(schema, document);
  return fc.oneof(
    { weight: 5, arbitrary: whole.map((value) => JSON.stringify(value)) },
    // Another value in the place of one of its parts.
    {
      weight: 3,
      arbitrary: fc.tuple(whole, fc.nat(), fc.jsonValue({ maxDepth: 2 })).map(
        ([value, index, other]) => {
          const keys = Object.keys(schema.properties ?? {});
          const key = keys[index % Math.max(1, keys.length)] ?? "x";
          return JSON.stringify({ ...value as Record<string, unknown>, [key]: other });
        },
      ),
    },
    { weight: 1, arbitrary: fc.json({ maxDepth: 2 }) },
    { weight: 1, arbitrary: fc.string({ unit: "binary" }) },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );
}

function valueOf(schema: Schema, document: OpenApi): fc.Arbitrary<unknown> {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split("/").at(-1) ?? "";
    return valueOf(document.components.schemas[name] as Schema, document);
  }
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.anyOf !== undefined) {
    return fc.oneof(...schema.anyOf.map((one) => valueOf(one, document)));
  }
  switch (schema.type) {
    case "integer":
    case "number":
      return fc.oneof(
        fc.integer({
          min: Math.max(-1000, schema.minimum ?? 0),
          max: Math.min(2000, schema.maximum ?? 2000),
        }),
        fc.constantFrom(
          schema.minimum ?? 0,
          Math.min(schema.maximum ?? 0, Number.MAX_SAFE_INTEGER),
        ),
      );
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "array":
      return fc.array(valueOf(schema.items ?? {}, document), { maxLength: 3 });
    case "object":
      return objectOf(schema, document);
    case "string":
      return textOf(schema);
    default:
      return fc.jsonValue({ maxDepth: 3 });
  }
}

function objectOf(schema: Schema, document: OpenApi): fc.Arbitrary<unknown> {
  const { properties, required = [], additionalProperties } = schema;
  if (properties === undefined && typeof additionalProperties === "object") {
    return fc.dictionary(
      fc.string({ minLength: 1, maxLength: 10 }),
      valueOf(additionalProperties, document),
      { maxKeys: 3 },
    );
  }
  const parts = Object.entries(properties ?? {});
  return fc.record(
    Object.fromEntries(parts.map(([name, part]) => [name, valueOf(part, document)])),
    { requiredKeys: required.filter((name) => parts.some(([known]) => known === name)) },
  );
}

function textOf({ format, pattern, minLength = 0, maxLength = 30 }: Schema): fc.Arbitrary<string> {
  const date = fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true });
  if (format === "date") return date.map((one) => one.toISOString().slice(0, 10));
  if (format === undefined && pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
  if (format === "date-time") return date.map((one) => one.toISOString());
  return fc.string({ minLength, maxLength: Math.min(maxLength, 30), unit: "binary" });
}
