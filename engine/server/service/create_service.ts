import { type Context, Hono } from "hono";
import { TokenError, type TokenVerifier } from "../../auth/mod.ts";
import { type Clock, systemClock } from "../../clock/mod.ts";
import { CodedError, PdError } from "../../errors/mod.ts";
import type { Registry } from "../../registry/mod.ts";
import { errorResponse } from "../error_response.ts";
import { finishResponse } from "./finish_response.ts";
import { type Admitted, createGate } from "./gate.ts";
import { HeldStreams } from "./held_streams.ts";
import { DEFAULT_LIMITS, type ServiceLimits } from "./limits.ts";
import { metricsRoute, type MetricsSource } from "./metrics_route.ts";
import { RateLimitedError } from "./rate_limited.ts";
import type { RouteGroup, ServiceRoute } from "./route.ts";
import { createRouteTable, type RouteTable } from "./route_table.ts";
import { sessionRoutes } from "./session_routes.ts";
import { statusRoutes } from "./status_routes.ts";
import { takeBody } from "./take_body.ts";
import { webhookRoute } from "./webhook_route.ts";

/** What a service is made of. */
export interface ServiceOptions {
  readonly registry: Registry;
  /** The first one answers for what is nobody's path. */
  readonly groups: readonly RouteGroup[];
  /** Checks tokens. Without it everybody is the operator of this machine: `pd dev`. */
  readonly auth: TokenVerifier | undefined;
  readonly host: string;
  readonly port: number;
  /** Names under which a service without tokens may be called, besides those of the loopback address. */
  readonly hostnames?: readonly string[];
  readonly limits?: Partial<ServiceLimits>;
  readonly metrics?: MetricsSource | undefined;
  readonly clock?: Clock;
  /** Takes errors that nobody foresaw: their words are for the log alone. */
  readonly onFault?: (error: unknown) => void;
}

/** Routes behind guard, tokens and limits. */
export interface Service {
  /** Answers a request of the address that it came from. Never rejects. */
  handle(request: Request, address: string): Promise<Response>;
  /** Ends streams of events, for a shutdown. */
  endStreams(): void;
}

interface Env {
  readonly Bindings: { readonly address: string };
}

/** Puts groups of routes behind the guard, the tokens and the limits, with what every server has beside them. */
export function createService(options: ServiceOptions): Service {
  const { clock = systemClock, onFault } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const { maxStreams, streamIdleMs } = limits;
  const gate = createGate({ hostnames: [], ...options, clock, limits });
  const groups = withOwn(options, limits);
  const table = createRouteTable(groups);
  const streams = new HeldStreams({ clock, maxStreams, idleMs: streamIdleMs });

  async function answer(c: Context<Env>, route: ServiceRoute): Promise<Response> {
    const { address } = c.env;
    const admitted = await gate.admit(c.req.raw, route, address);
    const { principal, isAnybody } = admitted;
    const request = await takeBody(c.req.raw, {
      clock,
      maxBytes: isAnybody ? limits.maxPublicBodyBytes : limits.maxBodyBytes,
      timeoutMs: limits.bodyTimeoutMs,
    });
    try {
      const response = await route.handle(request, { principal, params: c.req.param() });
      if (request.method !== "HEAD") return hold(response, admitted);
      // The router hands HEAD to the handler of GET, and leaves the body to whoever made it.
      void response.body?.cancel();
      return new Response(null, response);
    } catch (error) {
      // At a sign-in the token is the body.
      if (isAnybody && isBadToken(error)) gate.countBadToken(address);
      throw error;
    }
  }

  function hold(response: Response, { caller, principal }: Admitted): Response {
    const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
    if (isStream !== true || response.body === null) return response;
    if (!streams.hasRoom(caller)) {
      void response.body.cancel();
      throw new RateLimitedError(`${maxStreams} streams of events are open already`, 5000);
    }
    const { expiresAt } = principal;
    return new Response(streams.hold(response.body, { caller, expiresAt }), response);
  }

  function fail(error: unknown, request: Request, group?: RouteGroup): Response {
    if (!(error instanceof PdError)) onFault?.(error);
    const from = group ?? table.groupOf(new URL(request.url).pathname);
    try {
      const response = from.answerError(error, request);
      if (error instanceof RateLimitedError) {
        response.headers.set("retry-after", String(error.retryAfterS));
      }
      return response;
    } catch (unforeseen) {
      onFault?.(unforeseen);
      return errorResponse(unforeseen);
    }
  }

  const app = new Hono<Env>();
  for (const group of groups) {
    for (const route of group.routes) {
      app.on(route.method, route.path, async (c) => {
        try {
          return await answer(c, route);
        } catch (error) {
          return fail(error, c.req.raw, group);
        }
      });
    }
  }
  app.notFound((c) => withoutHandler(c.req.raw, table));
  app.onError((error, c) => fail(error, c.req.raw));

  return {
    async handle(request, address) {
      if (!URL.canParse(request.url)) return finishResponse(errorResponse(noAddress()));
      try {
        return finishResponse(await app.fetch(request, { address }));
      } catch (error) {
        return finishResponse(fail(error, request));
      }
    },
    endStreams: () => streams.endAll(),
  };
}

/** Groups, and the routes that every server has. */
function withOwn(
  { registry, auth, metrics, clock = systemClock, groups }: ServiceOptions,
  { maxPublicBodyBytes: maxBytes }: ServiceLimits,
): readonly [RouteGroup, ...RouteGroup[]] {
  const own: RouteGroup = {
    routes: [
      ...statusRoutes(registry),
      ...auth === undefined ? [] : sessionRoutes({ auth, clock }),
      ...metrics === undefined ? [] : [metricsRoute(metrics)],
      webhookRoute(registry, { maxBytes }),
    ],
    answerError: (error) => errorResponse(error),
  };
  const [first = own, ...rest] = groups;
  return first === own ? [own] : [first, ...rest, own];
}

/** The answer where no handler fits: the path takes other methods, or there is no such path. */
function withoutHandler(request: Request, table: RouteTable): Response {
  const { pathname } = new URL(request.url);
  const methods = table.methodsOf(pathname);
  if (methods.length === 0) throw table.notFound(pathname);
  const allow = methods.join(", ");
  if (request.method === "OPTIONS") return new Response(null, { status: 204, headers: { allow } });
  const error = new CodedError(
    "METHOD_NOT_ALLOWED",
    `Cannot answer "${request.method} ${pathname}" as a request: this path takes ${allow}`,
    { fix: `curl -X ${methods[0]} ${pathname}` },
  );
  const response = table.groupOf(pathname).answerError(error, request);
  response.headers.set("allow", allow);
  return response;
}

/** The address of a request is made of its Host, which anybody may make up. */
function noAddress(): CodedError {
  return new CodedError(
    "BAD_REQUEST",
    "Cannot read the address as one of this server's: its Host is no name of a machine",
    { fix: "Host: localhost:9009" },
  );
}

function isBadToken(error: unknown): boolean {
  return error instanceof TokenError && error.code === "TOKEN_INVALID";
}
