import { secretPlaces } from "../../engine/context/mod.ts";
import { checkFolder, checkModule, hostConfig } from "../../engine/nodes/mod.ts";
import type { WorkflowSpec } from "../../engine/spec/mod.ts";
import { BUILT_FILE, readWorkflow } from "../../engine/workflow/mod.ts";
import { rightsOf, type WorkflowRights } from "../rights.ts";
import { bundleEngine } from "./bundle_engine.ts";
import { BundleError } from "./bundle_error.ts";
import { bundleNodes } from "./bundle_nodes.ts";
import { collectFiles } from "./collect_files.ts";
import { refuseSecrets } from "./refuse_secrets.ts";

/** How a workflow is bundled. */
export interface BundleOptions {
  /** The folder as messages name it; its own path by default. */
  readonly shown?: string;
}

/** A workflow as the files of an image. The same folder gives the same bytes. */
export interface BundledWorkflow {
  /** As it was written: paths of nodes are those of the folder. */
  readonly spec: WorkflowSpec;
  readonly rights: WorkflowRights;
  /** Path below `/app` → content, sorted: `engine/…`, `workflow/…`, `deno.json`. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** npm packages of the engine, as `name@version`, sorted. */
  readonly packages: readonly string[];
  /** Of the workflow's nodes. */
  readonly nodePackages: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Makes of a workflow folder what an image needs to run it: no network, no package cache and no compiler. Nothing of
 * the workflow is executed, and nothing is written.
 *
 * @throws {PdError} what `pd validate` would say; `BUNDLE_FAILED` with the file and line of each mistake;
 *   `CONTEXT_SECRET`; `PATH_ESCAPE`; `NODE_NOT_FOUND`; `DEPENDENCY_UNAVAILABLE`
 */
export async function bundleWorkflow(
  dir: string,
  options: BundleOptions = {},
): Promise<BundledWorkflow> {
  const { root, spec, warnings } = await readWorkflow(dir);
  const shown = options.shown ?? dir;
  checkFolder(root, secretPlaces(root));
  refuseKinds(shown, spec);
  for (const node of spec.nodes) if (node.kind === "code") checkModule(root, node.id, node.path);
  const rights = rightsOf(spec);
  const show = (url: string) => shownPath(decodeURIComponent(new URL(url).pathname), root, shown);
  const config = await hostConfig(root);
  const [engine, nodes, data] = await Promise.all([
    bundleEngine(),
    bundleNodes(spec, { root, config, show }),
    collectFiles(root),
  ]);
  if (nodes.problems.length > 0) throw new BundleError(shown, nodes.problems);
  const encoder = new TextEncoder();
  const own = new Map(data);
  for (const [path, text] of nodes.files) own.set(path, encoder.encode(text));
  own.set(BUILT_FILE, encoder.encode(`${JSON.stringify(nodes.spec)}\n`));
  await refuseSecrets(root, { files: own, inputs: nodes.inputs });
  const files: [string, Uint8Array][] = [
    ["deno.json", encoder.encode(CONFIG)],
    ...[...engine.files].map((
      [name, content],
    ): [string, Uint8Array] => [`engine/${name}`, content]),
    ...[...own].map(([path, content]): [string, Uint8Array] => [`workflow/${path}`, content]),
  ];
  return {
    spec,
    rights,
    files: new Map(files.sort(([a], [b]) => a < b ? -1 : 1)),
    packages: engine.packages,
    nodePackages: packagesOf(config["imports"]),
    warnings: [...warnings, ...nodes.warnings, ...driverWarning(rights)],
  };
}

/** What `pipedreamer` is for nodes that run inside the engine; hosts get a configuration of their own. */
const CONFIG = `${JSON.stringify({ imports: { pipedreamer: "./engine/mod.js" } })}\n`;

function refuseKinds(shown: string, spec: WorkflowSpec): void {
  const problems = spec.nodes.filter(({ kind }) => kind === "workflow").map(({ id }) => ({
    file: `${shown}/workflow.yaml`,
    line: 0,
    column: 0,
    message: `node "${id}" is a sub-workflow, which an image does not run`,
  }));
  if (problems.length > 0) throw new BundleError(shown, problems);
}

function driverWarning({ needsDriver }: WorkflowRights): string[] {
  return needsDriver
    ? ["it has steps in containers: the image brings no driver, the pod must reach one"]
    : [];
}

function shownPath(path: string, root: string, shown: string): string {
  return path.startsWith(`${root}/`) ? `${shown}${path.slice(root.length)}` : path;
}

function packagesOf(imports: unknown): string[] {
  return Object.values((imports ?? {}) as Record<string, unknown>).flatMap((target) =>
    typeof target === "string" && target.startsWith("npm:")
      ? [target.slice("npm:".length).replace(/^\/+/, "")]
      : []
  ).sort();
}
