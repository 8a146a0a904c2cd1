/** `/api/v1`: everything that a server of many workflows can do, and its OpenAPI document. */
export { type ApiOptions, apiRoutes, createGroup } from "./api_routes.ts";
export { type CommitContext, commitRoutes } from "./commit_routes.ts";
export { repositoryRoutes } from "./repository_routes.ts";
export { API, toServiceRoute } from "./to_service_route.ts";
