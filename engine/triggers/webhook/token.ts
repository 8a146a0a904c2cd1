import { present, textAt } from "./json_fields.ts";
import { greetNobody, type WebhookScheme } from "./scheme.ts";
import { isSameText } from "./signature.ts";

/**
 * Any sender that shows the secret itself, as `Authorization: Bearer <secret>` or `X-Webhook-Token`. Whoever
 * has it may say anything, so a delivery is a repetition only when it says so: `Idempotency-Key`.
 */
export const token: WebhookScheme = {
  flaw({ headers }, { secret }) {
    const bearer = /^bearer +(.*)$/i.exec(headers.get("authorization") ?? "")?.[1];
    const given = headers.get("x-webhook-token") ?? bearer;
    if (given === undefined) return "it has neither authorization: Bearer nor x-webhook-token";
    return isSameText(given.trim(), secret) ? undefined : "its token is another one";
  },
  events(_, input) {
    return present(textAt(input, "type"), textAt(input, "event"));
  },
  key({ headers }) {
    return headers.get("idempotency-key") ?? undefined;
  },
  greet: greetNobody,
};

/** Any sender at all: only with `--insecure-webhooks`. */
export const unverified: WebhookScheme = { ...token, flaw: () => undefined };
