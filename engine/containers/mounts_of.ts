import { type Mount, type Volume, WORKSPACE_PATH, WORKSPACE_VOLUME } from "../drivers/mod.ts";
import type { Place } from "./place.ts";
import type { RunScope } from "./run_scope.ts";

/** A volume of the run by name, and its place in a container. */
export interface NamedMount {
  readonly name: string;
  readonly path: string;
  readonly readOnly: boolean;
}

/** What a step has mounted: the workspace at its place, unless another volume is there, and what is named. */
export async function mountsOf(
  scope: RunScope,
  place: Place,
  { workspace, named }: { readonly workspace: Volume; readonly named: readonly NamedMount[] },
): Promise<readonly Mount[]> {
  const mounts = await Promise.all(named.map(async ({ name, path, readOnly }): Promise<Mount> => {
    const volume = name === WORKSPACE_VOLUME ? workspace : await scope.volume(place, name);
    return { volume, path: withoutSlash(path), readOnly };
  }));
  if (mounts.some(({ path }) => path === WORKSPACE_PATH)) return mounts;
  return [{ volume: workspace, path: WORKSPACE_PATH, readOnly: false }, ...mounts];
}

function withoutSlash(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, "") : path;
}
