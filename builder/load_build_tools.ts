/** Computed, as the runtime loads what an import names literally: manifests need none of it. */
const TOOLS = new URL("./build_tools.ts", import.meta.url).href;

/** Loads what makes images. */
export function loadBuildTools(): Promise<typeof import("./build_tools.ts")> {
  return import(TOOLS);
}
