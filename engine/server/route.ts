import type { Clock } from "../clock/mod.ts";
import type { Trigger } from "../triggers/mod.ts";
import type { Audience } from "./request_guard.ts";
import type { RunLimit } from "./run_limit.ts";
import type { RunTally } from "../observability/mod.ts";

/** Answers one request of a route; `id` is the run's where the path has one. A throw becomes an error answer. */
export type RouteHandler = (request: Request, id: string) => Response | Promise<Response>;

/** One path and what it takes. */
export interface Route {
  /** `:id` stands for one part, a last `*` for all that follows. */
  readonly path: string;
  readonly methods: { readonly [method: string]: RouteHandler };
  /** `false` where a GET does something, which a HEAD must not. */
  readonly allowsHead: boolean;
  /** `own` when left out. */
  readonly audience?: Audience;
}

/** What the routes work with. */
export interface RouteOptions {
  readonly tally: RunTally;
  readonly clock: Clock;
  readonly maxBodyBytes: number;
  /** Of a webhook's delivery. */
  readonly maxHookBytes: number;
  readonly limit: RunLimit;
  /** Those that are at work now; a reload may bring others. */
  triggers(): readonly Trigger[];
}

/** The contents page of the HTTP surface. */
export type Routes = readonly Route[];
