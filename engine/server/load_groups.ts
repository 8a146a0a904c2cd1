import type { Clock } from "../clock/mod.ts";
import type { Registry } from "../registry/mod.ts";
import type { RouteGroup } from "./service/mod.ts";

/** What groups of routes are made of. */
export interface GroupParts {
  readonly registry: Registry;
  readonly clock: Clock;
}

/** The groups of a server of many workflows, in the order in which their paths count. */
export function loadGroups(_parts: GroupParts): Promise<readonly RouteGroup[]> {
  return Promise.resolve([]);
}
