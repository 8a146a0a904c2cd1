import type { z } from "zod";
import type { AnyApiRoute, ApiAnswerSpec } from "./api_route.ts";
import { type JsonSchema, JsonSchemas } from "./json_schemas.ts";
import { apiError } from "./schemas.ts";
import { API } from "./to_service_route.ts";

/** An OpenAPI 3.1 document. */
export interface OpenApi {
  readonly openapi: "3.1.0";
  readonly info: JsonSchema;
  readonly servers: readonly JsonSchema[];
  readonly tags: readonly { readonly name: string }[];
  readonly paths: { readonly [path: string]: { readonly [method: string]: Operation } };
  readonly components: {
    readonly schemas: { readonly [name: string]: JsonSchema };
    readonly securitySchemes: JsonSchema;
  };
}

/** One operation of a document. */
export interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly security: readonly JsonSchema[];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: Body;
  readonly responses: { readonly [status: string]: Body };
  /** The scope that it takes: read, run, admin, or public. */
  readonly "x-scope": string;
}

/** One parameter of an operation. */
export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
  readonly style?: string;
  readonly explode?: boolean;
}

/** A body, of a request or of an answer. */
export interface Body {
  readonly description?: string;
  readonly required?: boolean;
  readonly headers?: JsonSchema;
  readonly content?: { readonly [type: string]: { readonly schema?: JsonSchema } };
}

const SECURITY = [{ bearer: [] }, { cookie: [] }];

/**
 * Describes operations. Clients are to bear with members of answers that are not described, as later versions add
 * some; `isOpen: false` describes today's alone, for tests.
 */
export function openApi(
  routes: readonly AnyApiRoute[],
  { isOpen = true }: { readonly isOpen?: boolean } = {},
): OpenApi {
  const schemas = new JsonSchemas({ isOpen });
  const paths: { [path: string]: { [method: string]: Operation } } = {};
  for (const route of routes) {
    (paths[route.path] ??= {})[route.method.toLowerCase()] = operationOf(route, schemas);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Pipedreamer",
      version: "1",
      summary: "Workflows and their runs on this server",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: API }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: schemas.components,
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
        cookie: { type: "apiKey", in: "cookie", name: "jwt" },
      },
    },
  };
}

function operationOf(route: AnyApiRoute, schemas: JsonSchemas): Operation {
  const { id, tag, summary, description, scope, body } = route;
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...description === undefined ? {} : { description },
    security: scope === "public" ? [] : SECURITY,
    "x-scope": scope,
    parameters: [
      ...parametersOf(route.params, "path", schemas),
      ...parametersOf(route.query, "query", schemas),
      ...Object.entries(route.headers ?? {}).map(headerOf),
    ],
    ...body === undefined ? {} : {
      requestBody: {
        required: !body.safeParse({}).success,
        content: { "application/json": { schema: schemas.of(body, "request") } },
      },
    },
    responses: {
      ...Object.fromEntries(
        Object.entries(route.answers as { [status: string]: ApiAnswerSpec })
          .map(([status, spec]) => [status, answerOf(spec, schemas)]),
      ),
      ...errorsOf(route, schemas),
    },
  };
}

function parametersOf(
  object: z.ZodObject,
  place: "path" | "query",
  schemas: JsonSchemas,
): readonly Parameter[] {
  return Object.entries(object.shape).map(([name, part]) => {
    const { description, ...schema } = schemas.of(part as z.ZodType, "request");
    const isRequired = place === "path" || !(part as z.ZodType).safeParse(undefined).success;
    return {
      name,
      in: place,
      required: isRequired,
      ...typeof description === "string" ? { description } : {},
      schema,
      ...schema["type"] === "array" ? { style: "form", explode: false } : {},
    };
  });
}

function headerOf([name, description]: [string, unknown]): Parameter {
  return {
    name,
    in: "header",
    required: false,
    description: String(description),
    schema: { type: "string" },
  };
}

function answerOf(
  { description, schema, others = {}, headers }: ApiAnswerSpec,
  schemas: JsonSchemas,
): Body {
  const content: { [type: string]: { schema?: JsonSchema } } = {};
  if (schema !== undefined) content["application/json"] = { schema: schemas.of(schema, "answer") };
  for (const [type, text] of Object.entries(others)) {
    content[type] = { schema: { type: "string", description: text } };
  }
  return {
    description,
    ...headers === undefined ? {} : {
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, text]) => [
          name,
          { description: text, schema: { type: "string" } },
        ]),
      ),
    },
    ...Object.keys(content).length === 0 ? {} : { content },
  };
}

function errorsOf(
  { scope, params, query, body }: AnyApiRoute,
  schemas: JsonSchemas,
): { readonly [status: string]: Body } {
  const content = { "application/json": { schema: schemas.of(apiError, "answer") } };
  const takesParts = Object.keys({ ...params.shape, ...query.shape }).length > 0;
  return {
    ...takesParts || body !== undefined
      ? { 400: { description: "A part of the request is not as described", content } }
      : {},
    ...scope === "public" ? {} : {
      401: { description: "No token, or one that does not count", content },
      403: { description: `The token has not the scope ${scope}`, content },
    },
    ...Object.keys(params.shape).length === 0
      ? {}
      : { 404: { description: "There is no such thing that this token may see", content } },
    default: { description: "Any other error", content },
  };
}
