import { CodedError } from "../../errors/mod.ts";
import type { Registry } from "../../registry/mod.ts";
import { errorResponse } from "../error_response.ts";
import { jsonResponse } from "../json_response.ts";
import type { ServiceRoute } from "./route.ts";

/** `GET /health`: the process is alive; `GET /ready`: new runs are welcome. Anybody may ask. */
export function statusRoutes(
  registry: Pick<Registry, "isDraining">,
): readonly ServiceRoute[] {
  return [
    {
      method: "GET",
      path: "/health",
      scope: "public",
      handle: () => jsonResponse(200, { status: "ok" }),
    },
    {
      method: "GET",
      path: "/ready",
      scope: "public",
      handle: () => registry.isDraining ? draining() : jsonResponse(200, { status: "ready" }),
    },
  ];
}

function draining(): Response {
  return errorResponse(
    new CodedError("DRAINING", "Cannot take new runs as usual: the server is shutting down", {
      fix: "Try again in a few seconds, when the next one is up",
    }),
  );
}
