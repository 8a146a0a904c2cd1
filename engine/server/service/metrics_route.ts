import type { Principal } from "../../auth/mod.ts";
import { CodedError } from "../../errors/mod.ts";
import { SECURITY_HEADERS } from "../json_response.ts";
import type { ServiceRoute } from "./route.ts";

/** Writes all figures down, in the Prometheus text format. */
export type MetricsSource = () => Promise<{ readonly contentType: string; readonly text: string }>;

/** `GET /metrics`, for whoever may see all workflows: every figure is there at once. */
export function metricsRoute(render: MetricsSource): ServiceRoute {
  return {
    method: "GET",
    path: "/metrics",
    scope: "read",
    async handle(_request, { principal }) {
      if (!seesAll(principal)) throw forAllAlone();
      const { contentType, text } = await render();
      return new Response(text, { headers: { ...SECURITY_HEADERS, "content-type": contentType } });
    },
  };
}

function seesAll({ scope, workflows }: Principal): boolean {
  return scope === "admin" || workflows === undefined;
}

function forAllAlone(): CodedError {
  return new CodedError(
    "SCOPE_MISSING",
    'Cannot answer "GET /metrics" as it has the figures of all workflows: this token is for some of them',
    { fix: "pd token create --scope read" },
  );
}
