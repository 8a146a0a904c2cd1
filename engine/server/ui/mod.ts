/** The page of a server of many workflows: a shell from here, and a client that talks to `/api/v1` alone. */
export { createGroup, type UiOptions, uiRoutes } from "./ui_routes.ts";
