/** prunner's API over a registry: pipelines, jobs, their logs, as its clients know them. */
export { createGroup, type PrunnerOptions, prunnerRoutes } from "./prunner_routes.ts";
