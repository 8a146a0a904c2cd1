import type { Driver, Mount } from "../drivers/mod.ts";
import { WORKSPACE_PATH } from "../drivers/mod.ts";
import type { NodeCall } from "../executor/mod.ts";

/**
 * The environment of a program: its own, and over that what the engine tells it. Where paths are the host's own,
 * the driver adds `PD_WORKSPACE` and `PD_MOUNT_…`.
 */
export function stepEnv(
  call: NodeCall,
  own: { readonly [name: string]: string },
  { driver, mounts }: { readonly driver: Driver; readonly mounts: readonly Mount[] },
): { readonly [name: string]: string } {
  return {
    ...own,
    PD_RUN_ID: call.run.id,
    PD_NODE: call.node.id,
    PD_ATTEMPT: String(call.attempt),
    ...driver.capabilities.absolutePaths ? paths(mounts) : {},
  };
}

function paths(mounts: readonly Mount[]): { readonly [name: string]: string } {
  const named = mounts.map(({ volume, path }) => {
    const name = volume.name.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_");
    return [`PD_MOUNT_${name}`, path] as const;
  });
  const workspace = mounts.find(({ path }) => path === WORKSPACE_PATH);
  return {
    ...Object.fromEntries(named),
    ...workspace === undefined ? {} : { PD_WORKSPACE: WORKSPACE_PATH },
  };
}
