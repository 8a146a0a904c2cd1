import { Hono } from "hono";
import { CodedError } from "../errors/mod.ts";
import { didYouMean } from "../words/mod.ts";
import { errorResponse } from "./error_response.ts";
import { SECURITY_HEADERS } from "./json_response.ts";
import type { RequestGuard } from "./request_guard.ts";
import type { Routes } from "./route.ts";

/** Answers one request. */
export type RequestHandler = (request: Request) => Promise<Response>;

/**
 * Makes the handler of the HTTP surface: the guard first, then the route. Every failure is answered as
 * `{error: {code, message, fix}}`; the handler itself never rejects.
 */
export function createApp(routes: Routes, guard: RequestGuard): RequestHandler {
  const app = new Hono();
  for (const { path, methods, allowsHead } of routes) {
    for (const [method, handle] of Object.entries(methods)) {
      app.on(method, path, (c) => {
        // The router sends HEAD to the handler of GET.
        if (c.req.method === "HEAD" && !allowsHead) return otherMethod(c.req.raw, routes);
        return handle(c.req.raw, c.req.param("id") ?? "");
      });
    }
  }
  // Routes for other methods would be a second match for each path, which costs the router 5 µs a request.
  app.notFound((c) => otherMethod(c.req.raw, routes));
  app.onError((error) => errorResponse(error));
  return async (request) => {
    try {
      guard(request);
      return await app.fetch(request);
    } catch (error) {
      return errorResponse(error);
    }
  };
}

/** The answer where no handler fits: the path takes other methods, or there is no such path. */
function otherMethod(request: Request, routes: Routes): Response {
  const { origin, pathname } = new URL(request.url);
  const route = routes.find(({ path }) => matches(path, pathname));
  if (route === undefined) return notFound(pathname, routes);
  const allow = Object.keys(route.methods).flatMap((method) =>
    method === "GET" && route.allowsHead ? ["GET", "HEAD"] : [method]
  ).join(", ");
  const headers = { ...SECURITY_HEADERS, allow };
  if (request.method === "OPTIONS") return new Response(null, { status: 204, headers });
  return errorResponse(
    new CodedError(
      "METHOD_NOT_ALLOWED",
      `Cannot answer "${request.method} ${pathname}" as a request: this path takes ${allow}`,
      { fix: `curl -X ${allow.split(",")[0]} ${origin}${pathname}` },
    ),
    headers,
  );
}

/** Whether a path is one of a route, whose only variable part is `:id`. */
function matches(route: string, path: string): boolean {
  const parts = path.split("/");
  const wanted = route.split("/");
  return parts.length === wanted.length &&
    wanted.every((want, index) => want === ":id" ? parts[index] !== "" : want === parts[index]);
}

function notFound(path: string, routes: Routes): Response {
  const paths = routes.map((route) => route.path.replace(":id", "{id}"));
  const closest = didYouMean(path, paths);
  return errorResponse(
    new CodedError("NOT_FOUND", `Cannot find "${path}" as a path of this server: there is none`, {
      fix: `${closest === undefined ? "" : `Did you mean "${closest}"? `}Paths: ${
        paths.join(", ")
      }`,
    }),
  );
}
