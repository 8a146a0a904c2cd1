import type { Clock } from "../clock/mod.ts";
import type { Workflow } from "../workflow/mod.ts";
import { createMetrics } from "./metrics.ts";
import { createRunRoute } from "./run_route.ts";
import { cancelRun, listRuns, showRun, streamEvents } from "./runs_routes.ts";
import type { RunTally } from "./run_tally.ts";
import { showHealth, showMetrics, showReady, showWorkflow } from "./status_routes.ts";

/** Answers one request of a route; `id` is the run's where the path has one. A throw becomes an error answer. */
export type RouteHandler = (request: Request, id: string) => Response | Promise<Response>;

/** One path and what it takes. */
export interface Route {
  readonly path: string;
  readonly methods: { readonly [method: string]: RouteHandler };
  /** `false` where a GET does something, which a HEAD must not. */
  readonly allowsHead: boolean;
}

/** The contents page of the HTTP surface. */
export type Routes = readonly Route[];

/** What the routes work with. */
export interface RouteOptions {
  readonly tally: RunTally;
  readonly clock: Clock;
  readonly maxBodyBytes: number;
  readonly maxConcurrentRuns: number;
}

/** Every path of the HTTP surface. */
export function createRoutes(workflow: Workflow, options: RouteOptions): Routes {
  const { tally, clock } = options;
  const run = createRunRoute(workflow, options);
  const metrics = createMetrics(workflow, tally);
  const startedAt = clock.now();
  return [
    { path: "/run", methods: { GET: run, POST: run }, allowsHead: false },
    { path: "/runs", methods: { GET: (request) => listRuns(workflow, request) }, allowsHead: true },
    { path: "/runs/:id", methods: { GET: (_, id) => showRun(workflow, id) }, allowsHead: true },
    {
      path: "/runs/:id/events",
      methods: { GET: (request, id) => streamEvents(workflow, request, { id, clock }) },
      allowsHead: true,
    },
    {
      path: "/runs/:id/cancel",
      methods: { POST: (_, id) => cancelRun(workflow, id) },
      allowsHead: false,
    },
    {
      path: "/health",
      methods: {
        GET: (request) => showHealth(workflow, request, { upMs: clock.now() - startedAt }),
      },
      allowsHead: true,
    },
    { path: "/ready", methods: { GET: () => showReady(workflow) }, allowsHead: true },
    { path: "/metrics", methods: { GET: () => showMetrics(metrics) }, allowsHead: true },
    { path: "/workflow", methods: { GET: () => showWorkflow(workflow) }, allowsHead: true },
  ];
}
