import { CompactSign } from "jose";
import type { TokenClaims } from "./token.ts";

/**
 * Signs a token (a JWT with HS256) that says `claims`, issued at `now`, in epoch milliseconds. It counts for whole
 * seconds, at least one.
 */
export async function signToken(
  secret: string,
  { subject, scope, workflows, ttlMs }: TokenClaims,
  now: number,
): Promise<string> {
  const iat = Math.floor(now / 1000);
  const payload = {
    ...subject === "" ? {} : { sub: subject },
    scope,
    ...workflows === undefined ? {} : { workflows },
    iat,
    exp: iat + Math.max(1, Math.ceil(ttlMs / 1000)),
  };
  return await new CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .sign(new TextEncoder().encode(secret));
}
