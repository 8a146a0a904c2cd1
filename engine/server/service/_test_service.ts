import { createVerifier, signToken, type TokenClaims } from "../../auth/mod.ts";
import { FakeClock } from "../../clock/mod.ts";
import { PdError } from "../../errors/mod.ts";
import type { RegisteredWorkflow, Registry } from "../../registry/mod.ts";
import { createService, type ServiceOptions } from "./create_service.ts";
import type { RouteGroup, ServiceRoute } from "./route.ts";

const SECRET = "correct horse battery staple";

/** A service without a socket, a clock that stands still, and tokens for it. */
export interface TestService {
  readonly clock: FakeClock;
  readonly faults: unknown[];
  send(path: string, init?: RequestInit, address?: string): Promise<Response>;
  /** A token of an hour. */
  token(claims?: Partial<TokenClaims>): Promise<string>;
  /** Headers with such a token. */
  bearer(claims?: Partial<TokenClaims>): Promise<{ authorization: string }>;
  endStreams(): void;
}

/** Makes a service of routes; `null` as `auth` is one without tokens. */
export function testService(
  routes: readonly ServiceRoute[],
  also: Partial<Omit<ServiceOptions, "auth">> & { readonly auth?: null } = {},
): TestService {
  const clock = new FakeClock(1_800_000_000_000);
  const faults: unknown[] = [];
  const { auth, ...options } = also;
  const service = createService({
    registry: fakeRegistry(),
    groups: [plainGroup("first", routes)],
    host: "127.0.0.1",
    port: 9009,
    clock,
    onFault: (error) => void faults.push(error),
    ...options,
    auth: auth === null ? undefined : createVerifier({ secret: SECRET, clock }),
  });
  async function token(claims: Partial<TokenClaims> = {}): Promise<string> {
    return await signToken(SECRET, {
      subject: "ann",
      scope: "admin",
      workflows: undefined,
      ttlMs: 3_600_000,
      ...claims,
    }, clock.now());
  }
  return {
    clock,
    faults,
    token,
    bearer: async (claims) => ({ authorization: `Bearer ${await token(claims)}` }),
    send: (path, init = {}, address = "10.0.0.1") => {
      const request = new Request(`http://127.0.0.1:9009${path}`, init);
      if (!request.headers.has("host")) request.headers.set("host", "127.0.0.1:9009");
      return service.handle(request, address);
    },
    endStreams: () => service.endStreams(),
  };
}

/** A group whose errors are `name: CODE` as text, so that tests see whose they are. */
export function plainGroup(name: string, routes: readonly ServiceRoute[]): RouteGroup {
  const statuses: { readonly [code: string]: number } = {
    TOKEN_MISSING: 401,
    TOKEN_INVALID: 401,
    SCOPE_MISSING: 403,
    FORBIDDEN_ORIGIN: 403,
    NOT_FOUND: 404,
    METHOD_NOT_ALLOWED: 405,
    BODY_TOO_LARGE: 413,
    RATE_LIMITED: 429,
    BAD_REQUEST: 400,
  };
  return {
    routes,
    answerError(error) {
      const code = error instanceof PdError ? error.code : "INTERNAL";
      return new Response(`${name}: ${code}`, { status: statuses[code] ?? 500 });
    },
  };
}

/** A registry of those workflows. */
export function fakeRegistry(
  entries: readonly RegisteredWorkflow[] = [],
  also: Partial<Registry> = {},
): Registry {
  return {
    list: () => entries,
    get: (name: string) => entries.find((entry) => entry.name === name),
    problems: () => [],
    isDraining: false,
    ...also,
  } as unknown as Registry;
}
