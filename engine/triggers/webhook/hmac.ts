import { present, textAt } from "./json_fields.ts";
import { greetNobody, type WebhookScheme } from "./scheme.ts";
import { hmacSha256, isHexOf, sha256 } from "./signature.ts";

/** Where a sender may put its signature, in the order they are looked for. */
export const HMAC_HEADERS = [
  "x-signature-256",
  "x-signature",
  "x-hub-signature-256",
  "x-webhook-signature",
] as const;

/**
 * Any sender that signs the body with HMAC-SHA256, in hex, with or without `sha256=` in front. Only the body is
 * signed, so only the body tells a repetition: the same bytes within the time to live are one delivery.
 */
export const hmac: WebhookScheme = {
  flaw({ headers, body }, { secret }) {
    const given = HMAC_HEADERS.map((name) => headers.get(name)).find((value) => value !== null);
    if (given === undefined || given === null) return `it has none of ${HMAC_HEADERS.join(", ")}`;
    const isRight = isHexOf(given.trim().replace(/^sha256=/, ""), hmacSha256(secret, body));
    return isRight ? undefined : "its signature is another one";
  },
  events(_, input) {
    return present(textAt(input, "type"), textAt(input, "event"));
  },
  key({ body }) {
    return sha256(body);
  },
  greet: greetNobody,
};
