import type { Delivery } from "./delivery.ts";
import { present, textAt } from "./json_fields.ts";
import { greetNobody, type WebhookScheme } from "./scheme.ts";
import { hmacSha256, isHexOf, sha256, timeFlaw } from "./signature.ts";

const SIGNATURE = "stripe-signature";
/** While a secret is rolled there are two signatures. */
const MAX_SIGNATURES = 10;

/**
 * Stripe: `Stripe-Signature: t=<timestamp>,v1=<signature>,…` has HMACs of `<timestamp>.<body>`, of which one has
 * to be right. Each event has an id that stays the same when Stripe tries again.
 * See https://docs.stripe.com/webhooks#verify-manually
 */
export const stripe: WebhookScheme = {
  flaw({ headers, body }, proof) {
    const header = headers.get(SIGNATURE);
    if (header === null) return `it has no ${SIGNATURE}`;
    const timestamp = valuesOf(header, "t")[0];
    if (timestamp === undefined) return `its ${SIGNATURE} has no timestamp`;
    const late = timeFlaw(timestamp, proof);
    if (late !== undefined) return late;
    const mac = hmacSha256(proof.secret, `${timestamp}.`, body);
    const given = valuesOf(header, "v1").slice(0, MAX_SIGNATURES);
    if (given.length === 0) return `its ${SIGNATURE} has no v1`;
    return given.some((hex) => isHexOf(hex, mac)) ? undefined : "its signature is another one";
  },
  events(_, input) {
    return present(textAt(input, "type"));
  },
  key({ body }: Delivery, input) {
    return textAt(input, "id") ?? sha256(body);
  },
  greet: greetNobody,
};

function valuesOf(header: string, name: string): readonly string[] {
  return header.split(",").map((item) => item.trim().split("="))
    .filter(([key]) => key === name)
    .map(([, value]) => value ?? "");
}
