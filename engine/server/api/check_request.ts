import type { z } from "zod";
import type { JsonValue } from "../../json/mod.ts";
import { didYouMean } from "../../words/mod.ts";
import { FieldError } from "../field_error.ts";
import { readJsonBody } from "../read_body.ts";
import type { AnyApiRoute, ApiCall } from "./api_route.ts";
import { readQuery } from "./read_query.ts";

/**
 * Checks all parts of a request by the schemas of its operation.
 *
 * @throws {PdError} `BAD_REQUEST`, a `FieldError` that names the part
 */
export async function checkRequest(
  route: AnyApiRoute,
  { request, params }: {
    readonly request: Request;
    readonly params: { readonly [name: string]: string };
  },
): Promise<Pick<ApiCall, "params" | "query" | "body">> {
  const { searchParams } = new URL(request.url);
  return {
    params: checked(route.params, params),
    query: checked(route.query, readQuery(searchParams, route.query)),
    body: route.body === undefined
      ? await refuseBody(request)
      : checked(route.body, await bodyOf(request), "body"),
  };
}

/** Where every part has a default, the whole may be missing. */
async function bodyOf(request: Request): Promise<JsonValue> {
  const body = await readJsonBody(request, Infinity);
  return body === undefined ? {} : body;
}

/** A body that counts for nothing hides a mistake; an empty object is what some clients always send. */
async function refuseBody(request: Request): Promise<undefined> {
  if (request.body === null) return undefined;
  const text = (await request.text()).trim();
  if (text === "" || text === "{}" || text === "null") return undefined;
  throw new FieldError("body", "this request takes none", "Send it without a body");
}

function checked(schema: z.ZodType, value: unknown, whole = ""): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw fieldError(result.error.issues, schema, whole);
}

function fieldError(
  issues: readonly z.core.$ZodIssue[],
  schema: z.ZodType,
  whole: string,
): FieldError {
  const [first] = issues;
  if (first === undefined) return new FieldError(whole, "it is not as described", SEE);
  const place = first.path.map(String);
  if (first.code === "unrecognized_keys") {
    const name = first.keys[0] ?? "";
    const known = Object.keys((schema as z.ZodObject).shape ?? {});
    const closest = place.length === 0 ? didYouMean(name, known) : undefined;
    const state = known.length === 0 || place.length > 0
      ? "there is no such part"
      : `there is no such part, but ${known.join(", ")}`;
    return new FieldError(
      [...place, name].join("."),
      state,
      closest === undefined ? SEE : `Did you mean "${closest}"?`,
    );
  }
  return new FieldError(place.join(".") || whole || "request", stateOf(first), SEE);
}

const SEE = "GET /api/v1/openapi.json describes every request";

function stateOf(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_type" && issue.input === undefined) return "it is missing";
  return issue.message.replace(/^Invalid (input: )?/, "").replace(/^./, (c) => c.toLowerCase());
}
