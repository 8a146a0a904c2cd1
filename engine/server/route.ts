import type { Clock } from "../clock/mod.ts";
import type { RunTally } from "../observability/mod.ts";

/** Answers one request of a route; `id` is the run's where the path has one. A throw becomes an error answer. */
export type RouteHandler = (request: Request, id: string) => Response | Promise<Response>;

/** One path and what it takes. */
export interface Route {
  readonly path: string;
  readonly methods: { readonly [method: string]: RouteHandler };
  /** `false` where a GET does something, which a HEAD must not. */
  readonly allowsHead: boolean;
}

/** What the routes work with. */
export interface RouteOptions {
  readonly tally: RunTally;
  readonly clock: Clock;
  readonly maxBodyBytes: number;
  readonly maxConcurrentRuns: number;
}

/** The contents page of the HTTP surface. */
export type Routes = readonly Route[];
