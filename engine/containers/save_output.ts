import { unpackTree } from "../workspace/mod.ts";
import type { RunScope } from "./run_scope.ts";

/** The volume that comes back to whoever started the run. */
const OUTPUT_VOLUME = "output";

/** Unpacks what steps left in the volume `output` into `dir`, which is made; nothing without either. */
export async function saveOutput(scope: RunScope, dir: string | undefined): Promise<void> {
  if (dir === undefined) return;
  for (const { place, volume } of await scope.volumesNamed(OUTPUT_VOLUME)) {
    await Deno.mkdir(dir, { recursive: true });
    await unpackTree(dir, await place.driver.copyOut(volume));
  }
}
