import { CodedError } from "../../errors/mod.ts";
import type { Registry } from "../../registry/mod.ts";
import { answerReception, HOOKS, isWebhook } from "../hook_route.ts";
import { readBytes } from "../read_body.ts";
import type { ServiceRoute } from "./route.ts";

/** `POST /hooks/<workflow>/<path>`: hands a delivery to that webhook of the workflow, as it came. */
export function webhookRoute(
  registry: Pick<Registry, "get">,
  { maxBytes }: { readonly maxBytes: number },
): ServiceRoute {
  return {
    method: "POST",
    path: `${HOOKS}/:workflow/*`,
    scope: "public",
    async handle(request, { params }) {
      const { pathname } = new URL(request.url);
      const path = pathname.slice(pathname.indexOf("/", HOOKS.length + 1));
      const triggers = registry.get(params["workflow"] ?? "")?.triggers() ?? [];
      const webhook = triggers.find(isWebhook(path));
      if (webhook === undefined) throw unknownHook(pathname);
      if (webhook.obstacle !== undefined) throw webhook.obstacle;
      const body = await readBytes(request, maxBytes);
      return answerReception(
        await webhook.receive({ headers: request.headers, body }),
        "/api/v1/runs",
      );
    },
  };
}

/** Does not say which there are: anybody may ask. */
function unknownHook(path: string): CodedError {
  return new CodedError(
    "NOT_FOUND",
    `Cannot find "${path}" as a webhook: no workflow of this server has one there`,
    { fix: `POST ${HOOKS}/<workflow>/<path of the trigger>` },
  );
}
