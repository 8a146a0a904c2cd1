import type { TokenClaims } from "../auth/mod.ts";
import type { Clock } from "../clock/mod.ts";
import type { Registry } from "../registry/mod.ts";
import type { Repositories } from "../repositories/mod.ts";
import type { Schedules } from "../schedules/mod.ts";
import type { RouteGroup } from "./service/mod.ts";

/** What groups of routes are made of. */
export interface GroupParts {
  readonly registry: Registry;
  readonly clock: Clock;
  /** Signs a token of this server; undefined where nobody needs one. */
  readonly issueToken?: ((claims: TokenClaims) => Promise<string>) | undefined;
  /** Repositories whose commits are run. */
  readonly repositories?: Repositories | undefined;
  /** Schedules that can be made and changed. */
  readonly schedules?: Schedules | undefined;
}

/** What the door of a group's folder exports. */
export interface GroupModule {
  createGroup(parts: GroupParts): RouteGroup | Promise<RouteGroup>;
}

/** In the order in which their paths count; errors of nobody's path are those of the first. */
const FOLDERS = ["api", "prunner", "repositories", "ui"] as const;

/** The groups of a server of many workflows. */
export async function loadGroups(parts: GroupParts): Promise<readonly RouteGroup[]> {
  const groups = FOLDERS.map(async (folder) => {
    const module = await load(folder);
    return module === undefined ? [] : [await module.createGroup(parts)];
  });
  return (await Promise.all(groups)).flat();
}

/** Computed: whoever serves one workflow needs none of it. */
async function load(folder: string): Promise<GroupModule | undefined> {
  const url = new URL(`./${folder}/mod.ts`, import.meta.url);
  try {
    await Deno.stat(url);
  } catch {
    return undefined;
  }
  return await import(url.href);
}
