import { z } from "zod";
import type { AnyApiRoute, ApiAnswerSpecs, ApiRoute } from "./api_route.ts";

/** An operation without its parts that are empty. */
type Given<
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Answers extends ApiAnswerSpecs,
> =
  & Omit<ApiRoute<Params, Query, Body, Answers>, "params" | "query" | "body">
  & { readonly params?: Params; readonly query?: Query; readonly body?: Body };

const NOTHING = z.strictObject({});

/** Makes an operation of the table; its handler sees what the schemas let through. */
export function defineRoute<
  const Answers extends ApiAnswerSpecs,
  // deno-lint-ignore ban-types
  Params extends z.ZodObject = z.ZodObject<{}>,
  // deno-lint-ignore ban-types
  Query extends z.ZodObject = z.ZodObject<{}>,
  Body extends z.ZodType = z.ZodUndefined,
>(route: Given<Params, Query, Body, Answers>): AnyApiRoute {
  const params = route.params ?? NOTHING;
  const query = route.query ?? NOTHING;
  return { body: undefined, ...route, params, query } as AnyApiRoute;
}
