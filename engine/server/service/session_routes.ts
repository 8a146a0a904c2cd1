import type { Clock } from "../../clock/mod.ts";
import type { TokenVerifier } from "../../auth/mod.ts";
import { TokenError } from "../../auth/mod.ts";
import { jsonResponse } from "../json_response.ts";
import { COOKIE } from "./read_token.ts";
import type { ServiceRoute } from "./route.ts";

/** What sign-ins are made with. */
export interface SessionOptions {
  readonly auth: TokenVerifier;
  readonly clock: Clock;
}

/**
 * `POST /login` puts a token into a cookie that scripts cannot read, and says what it allows; `POST /logout` takes it
 * back. The token comes as JSON `{token}`, as a field of a form, or as plain text.
 */
export function sessionRoutes({ auth, clock }: SessionOptions): readonly ServiceRoute[] {
  return [
    {
      method: "POST",
      path: "/login",
      scope: "public",
      async handle(request) {
        const token = readBody(await request.text(), request.headers.get("content-type") ?? "");
        const { subject, scope, workflows, expiresAt } = await auth.verify(token);
        const seconds = expiresAt === undefined
          ? undefined
          : Math.max(1, Math.floor((expiresAt - clock.now()) / 1000));
        return jsonResponse(200, {
          subject,
          scope,
          workflows: workflows ?? null,
          expiresAt: expiresAt === undefined ? null : new Date(expiresAt).toISOString(),
        }, { "set-cookie": cookie(request, token, seconds) });
      },
    },
    {
      method: "POST",
      path: "/logout",
      scope: "public",
      handle: (request) =>
        new Response(null, { status: 204, headers: { "set-cookie": cookie(request, "", 0) } }),
    },
  ];
}

function readBody(text: string, type: string): string {
  // Whatever its type says: no form and no token begins like this.
  const token = text.trimStart().startsWith("{")
    ? ofJson(text)
    : type.startsWith("application/x-www-form-urlencoded")
    ? new URLSearchParams(text).get("token") ?? ""
    : text;
  const trimmed = token.trim();
  // It becomes part of a header.
  if (!/^[\w.-]*$/.test(trimmed)) throw new TokenError("token is unauthorized");
  return trimmed;
}

function ofJson(text: string): string {
  try {
    const { token } = JSON.parse(text);
    return typeof token === "string" ? token : "";
  } catch {
    throw new TokenError("token is unauthorized");
  }
}

function cookie({ headers }: Request, token: string, maxAgeS: number | undefined): string {
  const isSecure = headers.get("x-forwarded-proto") === "https" ||
    (headers.get("origin")?.startsWith("https:") ?? false);
  return [
    `${COOKIE}=${token}`,
    "Path=/",
    "HttpOnly",
    "SameSite=Strict",
    ...isSecure ? ["Secure"] : [],
    ...maxAgeS === undefined ? [] : [`Max-Age=${maxAgeS}`],
  ].join("; ");
}
