import { CodedError } from "../../errors/mod.ts";
import { didYouMean } from "../../words/mod.ts";
import type { RouteGroup, ServiceRoute } from "./route.ts";

/** A route and the group that answers for it. */
interface PlacedRoute {
  readonly route: ServiceRoute;
  readonly group: RouteGroup;
  readonly parts: readonly string[];
}

/** Finds whose a path is that the router knows no handler for. */
export interface RouteTable {
  /** The group whose routes have most in common with the beginning of a path. */
  groupOf(path: string): RouteGroup;
  /** Methods that a path takes, HEAD among them; empty when there is no such path. */
  methodsOf(path: string): readonly string[];
  /** Why a path is not answered, and the nearest one that is. */
  notFound(path: string): CodedError;
}

/** Makes the table of all routes; the first group answers for what is nobody's. */
export function createRouteTable(groups: readonly [RouteGroup, ...RouteGroup[]]): RouteTable {
  const all: readonly PlacedRoute[] = groups.flatMap((group) =>
    group.routes.map((route) => ({ route, group, parts: route.path.split("/").slice(1) }))
  );
  return {
    groupOf(path) {
      const parts = path.split("/").slice(1);
      let best: PlacedRoute | undefined;
      let most = 0;
      for (const placed of all) {
        const common = commonParts(placed.parts, parts);
        if (common > most) [best, most] = [placed, common];
      }
      return best?.group ?? groups[0];
    },
    methodsOf(path) {
      const parts = path.split("/").slice(1);
      const methods = all.filter((placed) => matches(placed.parts, parts))
        .map(({ route }) => route.method);
      const unique = [...new Set<string>(methods)];
      return unique.flatMap((method) => method === "GET" ? ["GET", "HEAD"] : [method]);
    },
    notFound(path) {
      const closest = didYouMean(path, all.map(({ route }) => route.path));
      return new CodedError(
        "NOT_FOUND",
        `Cannot find "${shown(path)}" as a path of this server: there is none`,
        {
          fix: closest === undefined
            ? "GET /api/v1/openapi.json lists what there is"
            : `Did you mean "${closest}"?`,
        },
      );
    },
  };
}

function commonParts(route: readonly string[], path: readonly string[]): number {
  let count = 0;
  while (count < path.length && path[count] !== "" && route[count] === path[count]) count++;
  return count;
}

function matches(route: readonly string[], path: readonly string[]): boolean {
  const isOpen = route.at(-1) === "*";
  const fixed = isOpen ? route.slice(0, -1) : route;
  if (isOpen ? path.length < fixed.length : path.length !== fixed.length) return false;
  return fixed.every((part, index) =>
    part.startsWith(":") ? (path[index] ?? "") !== "" : part === path[index]
  );
}

function shown(path: string): string {
  return path.length <= 200 ? path : `${path.slice(0, 200)}…`;
}
