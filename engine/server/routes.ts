import { createMetrics } from "../observability/mod.ts";
import type { Workflow } from "../workflow/mod.ts";
import { createHookRoute, HOOKS } from "./hook_route.ts";
import { showLog } from "./log_route.ts";
import type { RouteOptions, Routes } from "./route.ts";
import { createRunRoute } from "./run_route.ts";
import { cancelRun, deleteRun, listRuns, retryRun, showRun, streamEvents } from "./runs_routes.ts";
import { listTriggers } from "./triggers_route.ts";
import { showHealth, showMetrics, showReady, showWorkflow } from "./status_routes.ts";

/** Every path of the HTTP surface. */
export function createRoutes(workflow: Workflow, options: RouteOptions): Routes {
  const { tally, clock } = options;
  const run = createRunRoute(workflow, options);
  const metrics = createMetrics(workflow, tally);
  const startedAt = clock.now();
  return [
    { path: "/run", methods: { GET: run, POST: run }, allowsHead: false },
    { path: "/runs", methods: { GET: (request) => listRuns(workflow, request) }, allowsHead: true },
    {
      path: "/runs/:id",
      methods: {
        GET: (_, id) => showRun(workflow, id),
        DELETE: (_, id) => deleteRun(workflow, id),
      },
      allowsHead: true,
    },
    {
      path: "/runs/:id/events",
      methods: { GET: (request, id) => streamEvents(workflow, request, { id, clock }) },
      allowsHead: true,
    },
    {
      path: "/runs/:id/log",
      methods: { GET: (request, id) => showLog(workflow, request, { id, clock }) },
      allowsHead: true,
    },
    {
      path: "/runs/:id/cancel",
      methods: { POST: (_, id) => cancelRun(workflow, { id, clock }) },
      allowsHead: false,
    },
    {
      path: "/runs/:id/retry",
      methods: { POST: (request, id) => retryRun(workflow, request, id) },
      allowsHead: false,
    },
    {
      path: `${HOOKS}/*`,
      methods: { POST: createHookRoute(options) },
      allowsHead: false,
      audience: "programs",
    },
    {
      path: "/triggers",
      methods: { GET: () => listTriggers(workflow, options) },
      allowsHead: true,
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
