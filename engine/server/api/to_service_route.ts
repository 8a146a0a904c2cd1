import { jsonResponse, SECURITY_HEADERS } from "../json_response.ts";
import type { ServiceRoute } from "../service/mod.ts";
import type { AnyApiRoute, ApiCall } from "./api_route.ts";
import { checkRequest } from "./check_request.ts";

/** Below which path all operations are. */
export const API = "/api/v1";

/** An operation as the server routes it: checked before, written down as JSON behind. */
export function toServiceRoute(route: AnyApiRoute): ServiceRoute {
  return {
    method: route.method,
    path: API + route.path.replace(/\{(\w+)\}/g, ":$1"),
    scope: route.scope,
    async handle(request, { principal, params }) {
      const call = await checkRequest(route, { request, params });
      return await route.handle({ ...call, principal, request, answer });
    },
  };
}

/** The table has its types: at this point any answer will do. */
const answer: ApiCall["answer"] = (
  status: number,
  body?: unknown,
  headers?: { readonly [name: string]: string },
): Response => {
  if (body !== undefined) return jsonResponse(status, body, headers);
  return new Response(null, { status, headers: SECURITY_HEADERS });
};
