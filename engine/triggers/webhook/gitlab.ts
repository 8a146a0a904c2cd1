import { present, textAt } from "./json_fields.ts";
import { greetNobody, type WebhookScheme } from "./scheme.ts";
import { isSameText, sha256 } from "./signature.ts";

const TOKEN = "x-gitlab-token";

/**
 * GitLab: `X-Gitlab-Token` is the secret itself. `Idempotency-Key` (GitLab 17.4) stays the same when a delivery
 * is tried again; `X-Gitlab-Event-UUID` is shared by all that one webhook sets off, so the body counts too.
 * See https://docs.gitlab.com/user/project/integrations/webhooks/
 */
export const gitlab: WebhookScheme = {
  flaw({ headers }, { secret }) {
    const given = headers.get(TOKEN);
    if (given === null) return `it has no ${TOKEN}`;
    return isSameText(given, secret) ? undefined : "its token is another one";
  },
  events({ headers }, input) {
    return present(headers.get("x-gitlab-event"), textAt(input, "object_kind"));
  },
  key({ headers, body }) {
    return headers.get("idempotency-key") ??
      sha256(headers.get("x-gitlab-event-uuid") ?? "", "\n", body);
  },
  greet: greetNobody,
};
