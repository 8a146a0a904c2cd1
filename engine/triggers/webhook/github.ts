import { present, textAt } from "./json_fields.ts";
import type { WebhookScheme } from "./scheme.ts";
import { hmacSha256, isHexOf, sha256 } from "./signature.ts";

const SIGNATURE = "x-hub-signature-256";
const PREFIX = "sha256=";

/**
 * GitHub: `X-Hub-Signature-256` is an HMAC of the body. Neither time nor delivery id is signed; the id
 * stays the same when GitHub delivers again.
 * See https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
 */
export const github: WebhookScheme = {
  flaw({ headers, body }, { secret }) {
    const given = headers.get(SIGNATURE);
    if (given === null) return `it has no ${SIGNATURE}`;
    const isRight = given.startsWith(PREFIX) &&
      isHexOf(given.slice(PREFIX.length), hmacSha256(secret, body));
    return isRight ? undefined : "its signature is another one";
  },
  events({ headers }, input) {
    const event = headers.get("x-github-event");
    const action = textAt(input, "action");
    return present(event, event !== null && action !== undefined ? `${event}.${action}` : null);
  },
  key({ headers, body }) {
    return headers.get("x-github-delivery") ?? sha256(body);
  },
  greet({ headers }) {
    return headers.get("x-github-event") === "ping"
      ? { kind: "json", value: { pong: true } }
      : undefined;
  },
};
