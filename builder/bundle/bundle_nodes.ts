import { normalize } from "node:path/posix";
import { bundleModules, type BundleProblem } from "../../engine/bundling/mod.ts";
import type { JsonObject } from "../../engine/json/mod.ts";
import type { CodeNodeSpec, WorkflowSpec } from "../../engine/spec/mod.ts";

/** The code nodes of a workflow as modules that import nothing but "pipedreamer" and what is built in. */
export interface NodeBundles {
  /** The spec with the paths of the bundled modules. */
  readonly spec: WorkflowSpec;
  /** Path in the workflow folder → text. */
  readonly files: ReadonlyMap<string, string>;
  /** Absolute paths of the files that they are made of, packages left out. */
  readonly inputs: readonly string[];
  readonly problems: readonly BundleProblem[];
  readonly warnings: readonly string[];
}

/** Where the workflow is. */
export interface NodePlaces {
  /** Absolute, symlinks resolved. */
  readonly root: string;
  /** The workflow's deno.json, with absolute paths. */
  readonly config: JsonObject;
  /** A file as problems name it. */
  show(url: string): string;
}

/**
 * Bundles each node by itself: what one node holds, another must not be able to read, and each keeps the rights of its
 * own. Nodes with the same file share its module. Nothing is executed.
 */
export async function bundleNodes(spec: WorkflowSpec, places: NodePlaces): Promise<NodeBundles> {
  const paths = new Set(spec.nodes.flatMap((node) => node.kind === "code" ? [node.path] : []));
  const names = namesOf([...paths].map(plain));
  const files = new Map<string, string>();
  const inputs: string[] = [];
  const problems: BundleProblem[] = [];
  const warnings: string[] = [];
  const bundles = await Promise.all([...names].map(async ([path, name]) => ({
    name,
    bundle: await bundleModules({
      path: `${places.root}/${path}`,
      config: places.config,
      purpose: "an image",
      show: places.show,
    }),
  })));
  for (const { name, bundle } of bundles) {
    if (bundle.status === "failed") problems.push(...bundle.problems);
    else {
      files.set(name, bundle.code);
      inputs.push(...bundle.inputs);
      warnings.push(...bundle.warnings);
    }
  }
  const nodes = spec.nodes.map((node) =>
    node.kind === "code" ? { ...node, path: names.get(plain(node.path)) ?? node.path } : node
  );
  return { spec: { ...spec, nodes }, files, inputs, problems, warnings };
}

/** `./nodes/a.ts` is `nodes/a.ts`. */
function plain(path: CodeNodeSpec["path"]): string {
  // No URL: a space or a letter beyond ASCII is itself in the name of a file.
  return normalize(`/${path}`).slice(1);
}

/** `nodes/a.ts` becomes `nodes/a.js`, unless two would become the same. */
function namesOf(paths: readonly string[]): Map<string, string> {
  const short = paths.map((path) => path.replace(/\.[^./]+$/, ".js"));
  return new Map(paths.map((path, index) => {
    const name = short[index] ?? path;
    const isTaken = short.some((other, at) => at !== index && other === name);
    return [path, isTaken ? `${path}.js` : name];
  }));
}
