import type { TokenClaims } from "../../auth/mod.ts";
import { type Clock, systemClock } from "../../clock/mod.ts";
import type { Registry } from "../../registry/mod.ts";
import type { Repositories } from "../../repositories/mod.ts";
import type { Schedules } from "../../schedules/mod.ts";
import { errorResponse } from "../error_response.ts";
import type { GroupParts } from "../load_groups.ts";
import type { RouteGroup } from "../service/mod.ts";
import type { ApiContext } from "./api_context.ts";
import type { AnyApiRoute } from "./api_route.ts";
import { commitRoutes } from "./commit_routes.ts";
import { documentRoutes } from "./document_routes.ts";
import { liveRoute } from "./live_route.ts";
import { nodeLogRoute } from "./node_log_route.ts";
import { registerRoutes } from "./register_routes.ts";
import { repositoryRoutes } from "./repository_routes.ts";
import { runActions } from "./run_actions.ts";
import { runEventsRoute } from "./run_events_route.ts";
import { runsRoutes } from "./runs_routes.ts";
import { schedulesRoutes } from "./schedules_routes.ts";
import { serverRoutes } from "./server_routes.ts";
import { startRoute } from "./start_route.ts";
import { tokensRoutes } from "./tokens_routes.ts";
import { toServiceRoute } from "./to_service_route.ts";
import { triggerRoutes } from "./trigger_routes.ts";
import { workflowsRoutes } from "./workflows_routes.ts";

/** What the API needs besides workflows. */
export interface ApiOptions {
  readonly clock?: Clock;
  /** Signs a token of this server; without it there is none to be had. */
  readonly issueToken?: ((claims: TokenClaims) => Promise<string>) | undefined;
  /** Repositories whose commits are run; without them there are no such routes. */
  readonly repositories?: Repositories | undefined;
  /** Schedules that can be made and changed; without it those of files are shown alone. */
  readonly schedules?: Schedules | undefined;
}

/** The routes of `/api/v1`. */
export function apiRoutes(registry: Registry, options: ApiOptions = {}): RouteGroup {
  const { clock = systemClock, issueToken, repositories, schedules } = options;
  return {
    routes: apiTable({ registry, clock, issueToken, repositories, schedules }).map(toServiceRoute),
    answerError: (error) => errorResponse(error),
  };
}

/** The group, as a server loads it. */
export function createGroup({ registry, ...options }: GroupParts): RouteGroup {
  return apiRoutes(registry, options);
}

/** Every operation. */
export function apiTable(context: ApiContext): readonly AnyApiRoute[] {
  const { repositories } = context;
  const routes = [
    ...workflowsRoutes(context),
    ...registerRoutes(context),
    startRoute(context),
    ...runsRoutes(context),
    runEventsRoute(context),
    ...runActions(context),
    nodeLogRoute(context),
    liveRoute(context),
    ...schedulesRoutes(context),
    ...triggerRoutes(context),
    ...tokensRoutes(context),
    ...serverRoutes(context),
    ...repositories === undefined ? [] : [
      ...repositoryRoutes({ ...context, repositories }),
      ...commitRoutes({ ...context, repositories }),
    ],
  ];
  return [...routes, ...documentRoutes(routes)];
}
