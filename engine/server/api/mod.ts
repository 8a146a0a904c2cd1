/** `/api/v1`: everything that a server of many workflows can do, and its OpenAPI document. */
export { type ApiOptions, apiRoutes, createGroup } from "./api_routes.ts";
