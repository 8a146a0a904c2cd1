/** Many workflows behind one guarded, authenticated server: routes, tokens, limits. */
export { createService, type Service, type ServiceOptions } from "./create_service.ts";
export { DEFAULT_LIMITS, type ServiceLimits } from "./limits.ts";
export type { MetricsSource } from "./metrics_route.ts";
export { readToken, type SentToken } from "./read_token.ts";
export type { RouteGroup, ServiceCall, ServiceRoute } from "./route.ts";
export { serveRegistry, type ServeRegistryOptions } from "./serve_registry.ts";
