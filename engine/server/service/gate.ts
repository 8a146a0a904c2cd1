import {
  LOCAL_OPERATOR,
  mayDo,
  type Principal,
  type Scope,
  TokenError,
  type TokenVerifier,
} from "../../auth/mod.ts";
import type { Clock } from "../../clock/mod.ts";
import { CodedError } from "../../errors/mod.ts";
import { createRequestGuard, isLoopback } from "../request_guard.ts";
import { checkSize, type ServiceLimits } from "./limits.ts";
import { RateLimit } from "./rate_limit.ts";
import { RateLimitedError } from "./rate_limited.ts";
import { readToken } from "./read_token.ts";
import type { ServiceRoute } from "./route.ts";

/** What a gate is made of. */
export interface GateOptions {
  /** Without it everybody is the operator of this machine. */
  readonly auth: TokenVerifier | undefined;
  readonly clock: Clock;
  readonly limits: ServiceLimits;
  readonly host: string;
  readonly port: number;
  readonly hostnames: readonly string[];
}

/** Somebody who was let in. */
export interface Admitted {
  readonly principal: Principal;
  /** Under which name requests and streams are counted. */
  readonly caller: string;
  /** Came without a token, as anybody may. */
  readonly isAnybody: boolean;
}

/** Stands before every route. */
export interface Gate {
  /**
   * Lets a request in, or throws.
   *
   * @throws {PdError} `FORBIDDEN_ORIGIN`, `TOKEN_MISSING`, `TOKEN_INVALID`, `SCOPE_MISSING`, `RATE_LIMITED`,
   * `BAD_REQUEST`
   */
  admit(request: Request, route: ServiceRoute, address: string): Promise<Admitted>;
  /**
   * Counts a token that does not count against the address that it came from, and against nobody else there.
   *
   * @throws {RateLimitedError} when there were too many
   */
  countBadToken(address: string): void;
}

const NOBODY: Principal = { subject: "", scope: "read", workflows: [] };
/** A program of this machine that collects figures. */
const COLLECTOR: Principal = { subject: "", scope: "read", workflows: undefined };
/** What proxies add: whoever asks is not who is connected. */
const BY_PROXY = ["x-forwarded-for", "x-forwarded-host", "x-real-ip", "forwarded", "via"] as const;

/** Makes the gate. */
export function createGate(options: GateOptions): Gate {
  const { auth, clock, limits, host, port, hostnames } = options;
  const { requestsPerSecond, badTokensPerMinute } = limits;
  const requests = new RateLimit(
    { perSecond: requestsPerSecond, burst: 2 * requestsPerSecond },
    clock,
  );
  const badTokens = new RateLimit(
    { perSecond: badTokensPerMinute / 60, burst: badTokensPerMinute },
    clock,
  );
  // A token is for one name of the server, so that a page under a rebound name has none.
  const guard = auth === undefined
    ? createRequestGuard({ host, port, hostnames })
    : createRequestGuard({ host: "0.0.0.0", port, hostnames: [] });

  function countBadToken(address: string): void {
    const waitMs = badTokens.take(address);
    if (waitMs > 0) throw new RateLimitedError("too many tokens that do not count", waitMs);
  }

  function count(caller: string): string {
    if (requestsPerSecond === 0 || auth === undefined) return caller;
    const waitMs = requests.take(caller);
    if (waitMs > 0) throw new RateLimitedError("too many requests in a second", waitMs);
    return caller;
  }

  async function identify(request: Request, address: string): Promise<Principal> {
    if (auth === undefined) return LOCAL_OPERATOR;
    const { token, isCookie } = readToken(request.headers);
    try {
      const principal = await auth.verify(token);
      if (isCookie) checkCookie(request);
      return principal;
    } catch (error) {
      if (error instanceof TokenError && error.code === "TOKEN_INVALID") countBadToken(address);
      throw error;
    }
  }

  return {
    countBadToken,
    async admit(request, route, address) {
      checkSize(request, limits);
      if (route.path.startsWith("/hooks/") || route.isForPrograms === true) {
        guard(request, "programs");
      } // A link on another page may lead here; a cookie comes along only within this very site.
      else if (auth === undefined || !isNavigation(request)) guard(request);
      const isCollector = isOwnCollector(route, request, address);
      if (route.scope === "public" || isCollector) {
        const principal = isCollector ? COLLECTOR : NOBODY;
        return { principal, caller: count(`address ${address}`), isAnybody: true };
      }
      const principal = await identify(request, address);
      const { subject, scope } = principal;
      const caller = count(subject === "" ? `address ${address}` : `subject ${subject}`);
      if (!mayDo(principal, route.scope)) throw scopeMissing(request, route.scope, scope);
      return { principal, caller, isAnybody: false };
    },
  };
}

/** A browser says of each request that may change something which page made it. */
function checkCookie({ method, headers }: Request): void {
  if (method === "GET" || method === "HEAD") return;
  if (headers.has("origin") || headers.has("sec-fetch-site")) return;
  throw new CodedError(
    "FORBIDDEN_ORIGIN",
    "Cannot answer this request as one of this server's own: it has a cookie, and no Origin",
    { fix: "Authorization: Bearer <token>" },
  );
}

function isNavigation({ method, headers }: Request): boolean {
  return (method === "GET" || method === "HEAD") && !headers.has("origin") &&
    headers.get("sec-fetch-mode") === "navigate" && headers.get("sec-fetch-dest") === "document";
}

/**
 * A collector on this machine needs no token; a browser does, and so does a proxy that hands on what others ask. By
 * another name than one of this machine a page may ask whose name was rebound to this address.
 */
function isOwnCollector({ path }: ServiceRoute, { headers }: Request, address: string): boolean {
  return path === "/metrics" && isLoopback(address) && isOwnName(headers.get("host") ?? "") &&
    ![...BY_PROXY, "origin", "sec-fetch-site"].some((name) => headers.has(name));
}

function isOwnName(host: string): boolean {
  return isLoopback(host.replace(/:\d*$/, "").toLowerCase());
}

function scopeMissing({ method, url }: Request, wanted: Scope, given: Scope): CodedError {
  return new CodedError(
    "SCOPE_MISSING",
    `Cannot answer "${method} ${
      new URL(url).pathname
    }" as it takes the scope ${wanted}: this token has ${given}`,
    { fix: `pd token create --scope ${wanted}` },
  );
}
