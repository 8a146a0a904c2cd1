import { z } from "zod";
import { type Principal, SCOPES } from "../../auth/mod.ts";
import { CodedError } from "../../errors/mod.ts";
import { formatDuration, parseDuration } from "../../units/mod.ts";
import { FieldError } from "../field_error.ts";
import type { ApiContext } from "./api_context.ts";
import type { AnyApiRoute } from "./api_route.ts";
import { defineRoute } from "./define_route.ts";
import { moment } from "./schemas.ts";

const DAY_MS = 24 * 3_600_000;
/** Beyond that a token is as good as a password that nobody changes. */
const MAX_TTL_MS = 3650 * DAY_MS;

const principal = z.object({
  subject: z.string(),
  scope: z.enum(SCOPES),
  workflows: z.array(z.string()).nullable().meta({ description: "null for all" }),
  expiresAt: moment.nullable().meta({ description: "null for never" }),
}).meta({ id: "Principal" });

/** Tokens: one's own, and new ones. */
export function tokensRoutes({ clock, issueToken }: ApiContext): readonly AnyApiRoute[] {
  return [
    defineRoute({
      method: "GET",
      path: "/tokens/me",
      id: "showOwnToken",
      tag: "Tokens",
      scope: "read",
      summary: "What the token of this request allows",
      answers: { 200: { description: "Who calls", schema: principal } },
      handle: ({ principal: { subject, scope, workflows, expiresAt }, answer }) =>
        answer(200, { subject, scope, workflows: workflows ?? null, expiresAt: expiresAt ?? null }),
    }),
    defineRoute({
      method: "POST",
      path: "/tokens",
      id: "createToken",
      tag: "Tokens",
      scope: "admin",
      summary: "Sign a token",
      description:
        "It does not outlive the token of this request. It is not kept: nobody can show it again.",
      body: z.strictObject({
        subject: z.string().max(200).meta({ description: "Who will use it: `user` of runs" }),
        scope: z.enum(SCOPES),
        workflows: z.array(z.string().min(1).max(200)).max(1000).optional().meta({
          description: "Names of workflows, `deploy-*` among them; all without it. Not for admins",
        }),
        ttl: z.string().regex(/^(\d{1,4}d|(\d{1,6}(ms|s|m|h)){1,3})$/).meta({
          description: "How long it counts: `30m`, `24h`, `30d`",
          examples: ["24h"],
        }),
      }),
      answers: {
        201: { description: "The token", schema: principal.extend({ token: z.string() }) },
      },
      async handle({ body: { subject, scope, workflows, ttl }, principal, answer }) {
        if (issueToken === undefined) throw nobodyNeedsOne();
        if (scope === "admin" && workflows !== undefined) {
          throw new FieldError(
            "workflows",
            "an admin may do everything with all of them",
            `{"scope": "run", "workflows": [...]}`,
          );
        }
        const now = clock.now();
        const ttlMs = readTtl(ttl, principal, now);
        const token = await issueToken({ subject, scope, workflows, ttlMs });
        // Tokens count in whole seconds.
        const expiresAt = (Math.floor(now / 1000) + Math.ceil(ttlMs / 1000)) * 1000;
        return answer(201, { token, subject, scope, workflows: workflows ?? null, expiresAt });
      },
    }),
  ];
}

/** A duration, or days, which ends before the caller's own time does. */
function readTtl(text: string, { expiresAt }: Principal, now: number): number {
  const days = /^(\d{1,4})d$/.exec(text)?.[1];
  const ms = days === undefined ? parseDuration(text) : Number(days) * DAY_MS;
  if (ms === undefined || ms < 1000 || ms > MAX_TTL_MS) {
    throw new FieldError("ttl", "it is not a duration from 1s to 3650d", `{"ttl": "24h"}`);
  }
  if (expiresAt !== undefined && now + ms > expiresAt) {
    const left = formatDuration(Math.max(1000, Math.floor((expiresAt - now) / 1000) * 1000));
    throw new FieldError(
      "ttl",
      `a token made by this one ends with it, in ${left}`,
      `{"ttl": "${left}"}, or pd token create --ttl ${text} at the server`,
    );
  }
  return ms;
}

function nobodyNeedsOne(): CodedError {
  return new CodedError(
    "NOT_AVAILABLE",
    "Cannot sign a token as asked: this server answers its operator without one",
    { fix: "pd serve" },
  );
}
