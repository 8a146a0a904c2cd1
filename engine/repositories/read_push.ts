import { CodedError } from "../errors/mod.ts";
import type { JsonObject, JsonValue } from "../json/mod.ts";
import type { Delivery, WebhookSchemes } from "../triggers/mod.ts";
import { isNoCommit } from "./check_revision.ts";

/** What a delivery says. */
export type ReadPush =
  | {
    readonly kind: "push";
    readonly ref: string;
    readonly commit: string;
    readonly user: string;
    /** The same for each repetition. */
    readonly delivery: string | undefined;
  }
  /** Nothing to run, and why. */
  | { readonly kind: "nothing"; readonly reason: string };

/** Of these senders signatures are without a time. */
const TOLERANCE_MS = 5 * 60_000;

/**
 * Verifies a delivery of GitHub, GitLab, Gitea or Forgejo, and reads its push.
 *
 * @throws {CodedError} `WEBHOOK_REFUSED`, `BAD_REQUEST`, `UNSUPPORTED_MEDIA_TYPE`
 */
export function readPush(
  delivery: Delivery,
  { schemes: { SCHEMES, readInput }, secret, now, onRefusal }: {
    readonly schemes: WebhookSchemes;
    readonly secret: string;
    readonly now: number;
    /** Is told why: whoever forges a delivery is not. */
    onRefusal(flaw: string): void;
  },
): ReadPush {
  const { headers } = delivery;
  // Gitea and Forgejo sign as GitHub does, besides their own way.
  const isGitlab = headers.has("x-gitlab-event") || headers.has("x-gitlab-token");
  const scheme = SCHEMES[isGitlab ? "gitlab" : "github"];
  const flaw = scheme.flaw(delivery, { secret, now, toleranceMs: TOLERANCE_MS });
  if (flaw !== undefined) {
    onRefusal(flaw);
    throw new CodedError(
      "WEBHOOK_REFUSED",
      "Cannot take this delivery as its sender's: it is not verified",
      { fix: "The server's log says why" },
    );
  }
  const body = readInput(delivery);
  const event = headers.get("x-github-event") ?? headers.get("x-gitea-event") ??
    headers.get("x-gitlab-event") ?? "";
  if (event === "ping") return { kind: "nothing", reason: "it is a ping" };
  if (!/^(push|push hook|tag push hook)$/i.test(event)) {
    return { kind: "nothing", reason: `it is about ${event === "" ? "nothing known" : event}` };
  }
  const ref = textOf(body, "ref");
  const commit = textOf(body, "after");
  if (ref === undefined || commit === undefined) {
    throw new CodedError("BAD_REQUEST", "Cannot read the delivery as a push: no ref, or no after", {
      fix: "Let the webhook send push events as JSON",
    });
  }
  if (isNoCommit(commit)) return { kind: "nothing", reason: `${ref} was deleted` };
  return {
    kind: "push",
    ref,
    // Of an annotated tag `after` is the tag itself.
    commit: textOf(body, "checkout_sha") ?? commit,
    user: textOf(body, "pusher", "name") ?? textOf(body, "pusher", "login") ??
      textOf(body, "user_username") ?? textOf(body, "sender", "login") ?? "",
    delivery: scheme.key(delivery, body),
  };
}

function textOf(value: JsonValue, ...path: readonly string[]): string | undefined {
  let at: JsonValue | undefined = value;
  for (const key of path) {
    if (typeof at !== "object" || at === null || Array.isArray(at)) return undefined;
    at = Object.hasOwn(at, key) ? (at as JsonObject)[key] : undefined;
  }
  return typeof at === "string" && at !== "" ? at : undefined;
}
