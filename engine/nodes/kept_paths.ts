import { cacheDir } from "../cache/mod.ts";
import { isCovered, plainPath } from "./covered.ts";

const FORMAT_FILES = ["workflow.yaml", "workflow.yml", "deno.json", "deno.jsonc"];

/** What decides what runs, and with which rights. */
export interface KeptPlaces {
  readonly workflowDir: string;
  /** The workflow's modules and what they import. */
  readonly files: readonly string[];
}

/**
 * What a host with these grants of writing must be kept from, as a node that could change it would get
 * the rights of other nodes: the workflow's code and format files, and the caches of the runtime and of pd.
 *
 * Next to nothing is gained by forbidding a file alone, as its folder can be renamed and made anew. So
 * it is the outermost folder below the grant, unless another grant lies in there.
 */
export function keptPaths(
  grants: readonly string[],
  places: KeptPlaces,
  env: (name: string) => string | undefined,
): string[] {
  const { workflowDir } = places;
  const granted = grants.map(plainPath);
  const kept = new Set<string>();
  for (const file of [...FORMAT_FILES.map((name) => `${workflowDir}/${name}`), ...places.files]) {
    for (const grant of granted) {
      if (isCovered(file, [grant])) kept.add(outermost(file, grant, { granted, workflowDir }));
    }
  }
  for (const path of [env("DENO_DIR"), `${env("HOME")}/.cache/deno`, cacheDir(env), engineDir()]) {
    if (path?.startsWith("/") && isCovered(path, granted)) kept.add(path);
  }
  return [...kept];
}

/** The folder between `grant` and `file` that is nearest to the grant and in the workflow's, else `file`. */
function outermost(
  file: string,
  grant: string,
  { granted, workflowDir }: { granted: readonly string[]; workflowDir: string },
): string {
  const least = isCovered(grant, [workflowDir]) ? grant.length + 1 : workflowDir.length;
  for (let end = file.indexOf("/", least); end > 0; end = file.indexOf("/", end + 1)) {
    const folder = file.slice(0, end);
    if (!granted.some((other) => isCovered(other, [folder]))) return folder;
  }
  return file;
}

function engineDir(): string | undefined {
  const url = new URL("../../", import.meta.url);
  return url.protocol === "file:" ? plainPath(decodeURIComponent(url.pathname)) : undefined;
}
