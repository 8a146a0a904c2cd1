import { z } from "zod";
import { jsonResponse } from "../json_response.ts";
import type { AnyApiRoute } from "./api_route.ts";
import { defineRoute } from "./define_route.ts";
import { docsPage } from "./docs_page.ts";
import { openApi } from "./open_api.ts";

/** `GET /openapi.json` describes all operations, and `GET /docs` shows that; both of them too. */
export function documentRoutes(others: readonly AnyApiRoute[]): readonly AnyApiRoute[] {
  const own: readonly AnyApiRoute[] = [
    defineRoute({
      method: "GET",
      path: "/openapi.json",
      id: "showDocument",
      tag: "Server",
      scope: "public",
      summary: "This description, as OpenAPI 3.1",
      answers: {
        200: {
          description: "The document",
          schema: z.looseObject({ openapi: z.literal("3.1.0") }),
        },
      },
      handle: () => jsonResponse(200, document()),
    }),
    defineRoute({
      method: "GET",
      path: "/docs",
      id: "showDocs",
      tag: "Server",
      scope: "public",
      summary: "This description, as a page",
      answers: { 200: { description: "The page", others: { "text/html": "A page" } } },
      handle: () => docsPage(document()),
    }),
  ];
  // Most servers are never asked.
  let made: ReturnType<typeof openApi> | undefined;
  const document = () => made ??= openApi([...others, ...own]);
  return own;
}
