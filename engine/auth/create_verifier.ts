import { compactVerify } from "jose";
import type { Clock } from "../clock/mod.ts";
import type { Principal, Scope } from "./principal.ts";
import { readScope } from "./read_scope.ts";
import { TokenError } from "./token_error.ts";
import type { TokenVerifier } from "./token.ts";

/** Longer ones are refused unread: headers of a request have that much room, and claims need far less. */
const MAX_TOKEN_CHARS = 8 * 1024;
/** Tokens whose signature is known to be good; viewers that ask every few seconds are not computed for each time. */
const MAX_KNOWN = 1_000;
/** There is no later one (ECMA-262, time values). */
const LAST_DATE = 8_640_000_000_000_000;
const TEXT = new TextDecoder("utf-8", { fatal: true });

/** What tokens are checked with. */
export interface VerifierOptions {
  /** At least 16 characters. */
  readonly secret: string;
  readonly clock: Clock;
}

/**
 * Makes what checks tokens that were signed with a secret. HS256 alone counts: a token cannot choose how it is
 * looked at. Times are compared in whole seconds, without leeway.
 */
export function createVerifier({ secret, clock }: VerifierOptions): TokenVerifier {
  const key = new TextEncoder().encode(secret);
  const known = new Map<string, Claims>();
  return {
    async verify(token) {
      if (token === "") throw new TokenError("no token found");
      const claims = known.get(token) ?? await claimsOf(token, key);
      if (claims === undefined) throw new TokenError("token is unauthorized");
      remember(known, token, claims);
      // The times of a known token count as those of any other.
      return toPrincipal(claims, Math.floor(clock.now() / 1000));
    },
  };
}

interface Claims {
  readonly [name: string]: unknown;
}

/** What a token says that was signed with the key; undefined for any other. */
async function claimsOf(token: string, key: Uint8Array): Promise<Claims | undefined> {
  if (token.length > MAX_TOKEN_CHARS) return undefined;
  try {
    const { payload } = await compactVerify(token, key, { algorithms: ["HS256"] });
    const claims: unknown = JSON.parse(TEXT.decode(payload));
    return typeof claims === "object" && claims !== null && !Array.isArray(claims)
      ? claims as Claims
      : undefined;
  } catch {
    return undefined;
  }
}

/** Forgets the one that was used longest ago. */
function remember(known: Map<string, Claims>, token: string, claims: Claims): void {
  known.delete(token);
  known.set(token, claims);
  if (known.size <= MAX_KNOWN) return;
  for (const oldest of known.keys()) {
    known.delete(oldest);
    return;
  }
}

function toPrincipal(claims: Claims, nowS: number): Principal {
  const exp = readTime(claims, "exp");
  const nbf = readTime(claims, "nbf");
  const iat = readTime(claims, "iat");
  if (exp !== undefined && nowS >= exp) throw new TokenError("token is expired");
  if (iat !== undefined && nowS < Math.floor(iat)) {
    throw new TokenError("token iat validation failed");
  }
  if (nbf !== undefined && nowS < Math.floor(nbf)) {
    throw new TokenError("token nbf validation failed");
  }
  const { sub: subject = "" } = claims;
  if (typeof subject !== "string") throw new TokenError("token is unauthorized");
  const workflows = readNames(claims);
  return {
    subject,
    scope: scopeOf(claims, workflows),
    workflows,
    ...exp === undefined ? {} : { expiresAt: Math.min(exp * 1000, LAST_DATE) },
  };
}

/** Seconds since the epoch (RFC 7519, NumericDate). */
function readTime(claims: Claims, name: string): number | undefined {
  const value = claims[name];
  if (value === undefined) return undefined;
  if (typeof value !== "number" || !Number.isFinite(value)) {
    throw new TokenError("token is unauthorized");
  }
  return value;
}

function readNames({ workflows }: Claims): readonly string[] | undefined {
  if (workflows === undefined) return undefined;
  if (!Array.isArray(workflows) || !workflows.every((name) => typeof name === "string")) {
    throw new TokenError("token is unauthorized");
  }
  return workflows;
}

/** A token for certain workflows that names no scope must not be an admin's, who may do everything with all. */
function scopeOf({ scope }: Claims, workflows: readonly string[] | undefined): Scope {
  if (scope === undefined) return workflows === undefined ? "admin" : "run";
  const widest = typeof scope === "string" ? readScope(scope) : undefined;
  if (widest === undefined) throw new TokenError("token is unauthorized");
  return widest;
}
