import type { Principal, Scope } from "../../auth/mod.ts";

/** What a request comes with, once it was let in. */
export interface ServiceCall {
  /** Whoever calls; nobody on a public route. */
  readonly principal: Principal;
  /** Parts of the path by their names, decoded. */
  readonly params: { readonly [name: string]: string };
}

/** One path and method of the server of many workflows. */
export interface ServiceRoute {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** As the router writes it: `/api/v1/runs/:id`, `/ui/*`. */
  readonly path: string;
  /** What a caller must be allowed to do; `public` takes no token. What concerns one workflow is checked by the handler. */
  readonly scope: Scope | "public";
  /** No page of any origin may call it, as it takes what programs send: webhooks. */
  readonly isForPrograms?: boolean;
  /** A throw becomes an answer as the group writes errors. */
  handle(request: Request, call: ServiceCall): Response | Promise<Response>;
}

/** Routes that have their manner of refusing in common: prunner's, those of `/api/v1`, those of the page. */
export interface RouteGroup {
  readonly routes: readonly ServiceRoute[];
  /** The answer to a `PdError`, `TOKEN_MISSING`, `TOKEN_INVALID` and `SCOPE_MISSING` among them, or to anything else. */
  answerError(error: unknown, request: Request): Response;
}
