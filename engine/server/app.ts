import { Hono } from "hono";
import { CodedError, PdError } from "../errors/mod.ts";
import { didYouMean } from "../words/mod.ts";
import { errorResponse } from "./error_response.ts";
import { SECURITY_HEADERS } from "./json_response.ts";
import type { RequestGuard } from "./request_guard.ts";
import type { Route, Routes } from "./route.ts";

/** Answers one request. */
export type RequestHandler = (request: Request) => Promise<Response>;

/** What stands before the routes, and behind them. */
export interface AppOptions {
  readonly guard: RequestGuard;
  /** Takes errors that nobody foresaw: their words are for the log alone. */
  onFault?(error: unknown): void;
}

/**
 * Makes the handler of the HTTP surface: the guard first, then the route itself. Every failure is answered as
 * `{error: {code, message, fix}}`; the handler itself never rejects.
 */
export function createApp(routes: Routes, { guard, onFault }: AppOptions): RequestHandler {
  const app = new Hono();
  function fail(error: unknown): Response {
    if (!(error instanceof PdError)) onFault?.(error);
    return errorResponse(error);
  }
  function refuse(request: Request): Response {
    const route = routeOf(request, routes);
    guard(request, route?.audience);
    return otherMethod(request, { route, routes });
  }
  for (const { path, methods, allowsHead, audience } of routes) {
    for (const [method, handle] of Object.entries(methods)) {
      app.on(method, path, (c) => {
        // The router sends HEAD to the handler of GET.
        if (c.req.method === "HEAD" && !allowsHead) return refuse(c.req.raw);
        // Here and not before the router: nothing can pass by the rules of another path.
        guard(c.req.raw, audience);
        return handle(c.req.raw, c.req.param("id") ?? "");
      });
    }
  }
  // Routes for other methods would be a second match for each path, which costs the router 5 µs a request.
  app.notFound((c) => refuse(c.req.raw));
  app.onError(fail);
  return async (request) => {
    try {
      return await app.fetch(request);
    } catch (error) {
      return fail(error);
    }
  };
}

/** The route of a path, whatever the method. */
function routeOf(request: Request, routes: Routes): Route | undefined {
  const { pathname } = new URL(request.url);
  return routes.find(({ path }) => matches(path, pathname));
}

/** The answer where no handler fits: the path takes other methods, or there is no such path. */
function otherMethod(
  request: Request,
  { route, routes }: { readonly route: Route | undefined; readonly routes: Routes },
): Response {
  const { origin, pathname } = new URL(request.url);
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

/** Whether a path is one of a route. */
function matches(route: string, path: string): boolean {
  if (route.endsWith("/*")) return path.startsWith(route.slice(0, -1));
  const parts = path.split("/");
  const wanted = route.split("/");
  return parts.length === wanted.length &&
    wanted.every((want, index) => want === ":id" ? parts[index] !== "" : want === parts[index]);
}

function notFound(path: string, routes: Routes): Response {
  const paths = routes.map((route) => route.path.replace(":id", "{id}").replace("*", "{path}"));
  const closest = didYouMean(path, paths);
  return errorResponse(
    new CodedError("NOT_FOUND", `Cannot find "${path}" as a path of this server: there is none`, {
      fix: `${closest === undefined ? "" : `Did you mean "${closest}"? `}Paths: ${
        paths.join(", ")
      }`,
    }),
  );
}
