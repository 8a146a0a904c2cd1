import { dataDir } from "../../engine/storage/mod.ts";
import type { Io } from "../terminal/mod.ts";

/** Where stored pipelines are laid out; below the folder for temporary files where the user has no other. */
export function dataFolder(env: Io["env"]): string {
  return dataDir(env) ?? `${env("TMPDIR") ?? "/tmp"}/pipedreamer`;
}
