/** How senders of webhooks prove themselves, and how their deliveries are read. */
import type { WebhookTriggerSpec } from "../../spec/mod.ts";
import { github } from "./github.ts";
import { gitlab } from "./gitlab.ts";
import { hmac } from "./hmac.ts";
import type { WebhookScheme } from "./scheme.ts";
import { slack } from "./slack.ts";
import { stripe } from "./stripe.ts";
import { token, unverified } from "./token.ts";

export type { Delivery } from "./delivery.ts";
export { readInput } from "./read_input.ts";
export type { Greeting, Proof, WebhookScheme } from "./scheme.ts";
export { shownHeaders } from "./shown_headers.ts";
export { sha256 } from "./signature.ts";

/** Every scheme, by its name in `verify:`. */
export const SCHEMES: {
  readonly [name in NonNullable<WebhookTriggerSpec["verify"]>]: WebhookScheme;
} = { github, gitlab, slack, stripe, hmac, token };

/** For a trigger that verifies nothing. */
export const UNVERIFIED: WebhookScheme = unverified;
