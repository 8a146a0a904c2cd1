import { present, textAt } from "./json_fields.ts";
import type { WebhookScheme } from "./scheme.ts";
import { hmacSha256, isHexOf, timeFlaw } from "./signature.ts";

const SIGNATURE = "x-slack-signature";
const TIMESTAMP = "x-slack-request-timestamp";
const VERSION = "v0";

/**
 * Slack: `X-Slack-Signature` is an HMAC of `v0:<timestamp>:<body>`. Events have an id that stays the same when
 * Slack tries again; a slash command or a click is known by its signature.
 * See https://docs.slack.dev/authentication/verifying-requests-from-slack
 */
export const slack: WebhookScheme = {
  flaw({ headers, body }, proof) {
    const given = headers.get(SIGNATURE);
    const timestamp = headers.get(TIMESTAMP);
    if (given === null) return `it has no ${SIGNATURE}`;
    if (timestamp === null) return `it has no ${TIMESTAMP}`;
    const late = timeFlaw(timestamp, proof);
    if (late !== undefined) return late;
    const mac = hmacSha256(proof.secret, `${VERSION}:${timestamp}:`, body);
    const isRight = given.startsWith(`${VERSION}=`) &&
      isHexOf(given.slice(VERSION.length + 1), mac);
    return isRight ? undefined : "its signature is another one";
  },
  events(_, input) {
    const type = textAt(input, "type");
    return present(textAt(input, "event", "type"), type, textAt(input, "command"));
  },
  key({ headers }, input) {
    return textAt(input, "event_id") ?? headers.get(SIGNATURE)?.toLowerCase();
  },
  greet(_, input) {
    const challenge = textAt(input, "challenge");
    return textAt(input, "type") === "url_verification" && challenge !== undefined
      ? { kind: "text", text: challenge }
      : undefined;
  },
};
