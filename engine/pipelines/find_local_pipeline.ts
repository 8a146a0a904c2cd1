/** A pipeline or workflow below `.pd/pipelines`, which needs no registration. */
export interface LocalPipeline {
  readonly name: string;
  readonly kind: "pipeline" | "workflow";
  /** Absolute: of the `.ts` file, or of the workflow's folder. */
  readonly path: string;
}

/** What came of looking for one. */
export interface LocalSearch {
  readonly found: LocalPipeline | undefined;
  /** Every path that was looked at, nearest first, for people. */
  readonly places: readonly string[];
}

/** A name is one part of a path: it leads nowhere else. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/**
 * Looks for `.pd/pipelines/NAME.ts`, then `.pd/pipelines/NAME/workflow.yaml`, in `cwd` and in each folder above
 * it. Nothing is found for what is no name, such as a path.
 */
export async function findLocalPipeline(name: string, cwd: string): Promise<LocalSearch> {
  const places: string[] = [];
  if (!NAME.test(name)) return { found: undefined, places };
  for (let folder = cwd.replace(/\/+$/, "");; folder = folder.slice(0, folder.lastIndexOf("/"))) {
    const base = `${folder}/.pd/pipelines/${name}`;
    places.push(`${base}.ts`, `${base}/workflow.yaml`);
    if (await isFile(`${base}.ts`)) {
      return { found: { name, kind: "pipeline", path: `${base}.ts` }, places };
    }
    if (await isFile(`${base}/workflow.yaml`)) {
      return { found: { name, kind: "workflow", path: base }, places };
    }
    if (folder === "") return { found: undefined, places };
  }
}

async function isFile(path: string): Promise<boolean> {
  const stat = await Deno.stat(path).catch(() => undefined);
  return stat?.isFile === true;
}
