import { type Context, Hono } from "hono";
import { CodedError } from "../errors/mod.ts";
import { didYouMean } from "../spec/mod.ts";
import { errorResponse } from "./error_response.ts";
import type { RequestGuard } from "./request_guard.ts";
import type { Routes } from "./routes.ts";

/** Answers one request. */
export type RequestHandler = (request: Request) => Promise<Response>;

/**
 * Makes the handler of the HTTP surface: the guard first, then the route. Every failure is answered as
 * `{error: {code, message, fix}}`; the handler itself never rejects.
 */
export function createApp(routes: Routes, guard: RequestGuard): RequestHandler {
  const app = new Hono();
  for (const { path, methods, allowsHead } of routes) {
    const allow = Object.keys(methods).flatMap((method) =>
      method === "GET" && allowsHead ? ["GET", "HEAD"] : [method]
    ).join(", ");
    for (const [method, handle] of Object.entries(methods)) {
      app.on(method, path, (c) => {
        // The router sends HEAD to the handler of GET.
        if (c.req.method === "HEAD" && !allowsHead) return methodNotAllowed(c, allow);
        return handle(c.req.raw, c.req.param("id") ?? "");
      });
    }
    app.on("OPTIONS", path, () => new Response(null, { status: 204, headers: { allow } }));
    app.all(path, (c) => methodNotAllowed(c, allow));
  }
  const paths = routes.map((route) => route.path);
  app.notFound((c) => notFound(c.req.path, paths));
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

function methodNotAllowed(c: Context, allow: string): Response {
  const { method, path } = c.req;
  return errorResponse(
    new CodedError(
      "METHOD_NOT_ALLOWED",
      `Cannot answer "${method} ${path}" as a request: this path takes ${allow}`,
      { fix: `curl -X ${allow.split(",")[0]} ${new URL(c.req.url).origin}${path}` },
    ),
    { allow },
  );
}

function notFound(path: string, paths: readonly string[]): Response {
  const closest = didYouMean(path, paths);
  return errorResponse(
    new CodedError("NOT_FOUND", `Cannot find "${path}" as a path of this server: there is none`, {
      fix: `${closest === undefined ? "" : `Did you mean "${closest}"? `}Paths: ${
        paths.join(", ")
      }`,
    }),
  );
}
