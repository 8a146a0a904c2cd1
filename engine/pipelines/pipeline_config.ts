import { hostConfig } from "../nodes/mod.ts";
import type { JsonObject } from "../json/mod.ts";

const CONFIG_NAMES = ["deno.json", "deno.jsonc"];

/** What a pipeline's imports mean: the `deno.json` next to its file, or in the nearest folder above that has one. */
export interface PipelineConfig {
  /** `undefined` when there is none. */
  readonly path: string | undefined;
  /** With absolute paths, and "pipedreamer" mapped to this engine. */
  readonly config: JsonObject;
}

/**
 * Reads the configuration that applies to the files of a folder.
 *
 * @throws {CodedError} `NODE_INVALID` when it is not JSON
 */
export async function pipelineConfig(dir: string): Promise<PipelineConfig> {
  const path = await findConfig(dir);
  const folder = path === undefined ? "/nowhere" : path.slice(0, path.lastIndexOf("/"));
  return { path, config: await hostConfig(folder) };
}

/** The path of the nearest `deno.json` or `deno.jsonc`, from `dir` upwards. */
export async function findConfig(dir: string): Promise<string | undefined> {
  for (let folder = dir;; folder = folder.slice(0, folder.lastIndexOf("/"))) {
    for (const name of CONFIG_NAMES) {
      const path = `${folder}/${name}`;
      const stat = await Deno.stat(path).catch(() => undefined);
      if (stat?.isFile === true) return path;
    }
    if (folder === "") return undefined;
  }
}
