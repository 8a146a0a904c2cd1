import { SECURITY_HEADERS } from "../json_response.ts";
import type { ServiceRoute } from "./route.ts";

/** Writes all figures down, in the Prometheus text format. */
export type MetricsSource = () => Promise<{ readonly contentType: string; readonly text: string }>;

/** `GET /metrics`. */
export function metricsRoute(render: MetricsSource): ServiceRoute {
  return {
    method: "GET",
    path: "/metrics",
    scope: "read",
    async handle() {
      const { contentType, text } = await render();
      return new Response(text, { headers: { ...SECURITY_HEADERS, "content-type": contentType } });
    },
  };
}
