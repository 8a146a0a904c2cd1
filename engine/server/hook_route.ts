import { CodedError } from "../errors/mod.ts";
import type { Reception, Trigger, WebhookTrigger } from "../triggers/mod.ts";
import { jsonResponse, SECURITY_HEADERS } from "./json_response.ts";
import { readBytes } from "./read_body.ts";
import type { RouteHandler, RouteOptions } from "./route.ts";

/** Where webhooks are called. */
export const HOOKS = "/hooks";

/**
 * Makes `POST /hooks/<path>`: hands a delivery to the webhook of that path, as it came, and answers 202 as soon
 * as its run is accepted.
 */
export function createHookRoute(
  { triggers, maxHookBytes, limit }: Pick<RouteOptions, "triggers" | "maxHookBytes" | "limit">,
): RouteHandler {
  return async (request) => {
    const path = new URL(request.url).pathname.slice(HOOKS.length);
    const webhook = triggers().find(isWebhook(path));
    if (webhook === undefined) throw unknownHook(path);
    // Before the body is read: nobody's megabyte is waited for in vain.
    if (webhook.obstacle !== undefined) throw webhook.obstacle;
    const body = await readBytes(request, maxHookBytes);
    // What came before, starts nothing or does not verify is answered as ever.
    return answerReception(
      await limit.during((admit) => webhook.receive({ headers: request.headers, body }, admit)),
      "/runs",
    );
  };
}

/** The answer to a delivery; `runs` is the path below which its run is. */
export function answerReception(reception: Reception, runs: string): Response {
  switch (reception.status) {
    case "ignored":
      return jsonResponse(202, { ignored: true });
    case "greeted": {
      const { greeting } = reception;
      if (greeting.kind === "json") return jsonResponse(200, greeting.value);
      return new Response(greeting.text, {
        headers: { ...SECURITY_HEADERS, "content-type": "text/plain; charset=utf-8" },
      });
    }
    case "accepted": {
      const { runId, isNew } = reception;
      return jsonResponse(202, isNew ? { runId } : { runId, repeated: true }, {
        location: `${runs}/${runId}`,
      });
    }
  }
}

/** Whether a trigger is the webhook of a path. */
export function isWebhook(path: string): (trigger: Trigger) => trigger is WebhookTrigger {
  return (trigger): trigger is WebhookTrigger =>
    trigger.type === "webhook" && (trigger as WebhookTrigger).path === path;
}

/** Does not say which there are: anybody may ask. */
function unknownHook(path: string): CodedError {
  return new CodedError(
    "NOT_FOUND",
    `Cannot find "${HOOKS}${path}" as a webhook: no trigger of the workflow has that path`,
    {
      fix: `Add to triggers in workflow.yaml: {type: webhook, path: ${path}, verify: …, secret: …}`,
    },
  );
}
