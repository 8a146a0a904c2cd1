import { layOut } from "../pipelines/mod.ts";
import { CodedError } from "../errors/mod.ts";
import type { WorkflowStore } from "../storage/mod.ts";
import {
  findWorkflowFile,
  folderSource,
  type VersionPlace,
  type WorkflowGraph,
  type WorkflowSource,
} from "../workflow/mod.ts";
import type { WorkflowSpec } from "../spec/mod.ts";
import type { Checkouts } from "./checkouts.ts";
import { failingWorkflow, type KeptConfig } from "./failing_workflow.ts";
import { findWorkflow } from "./find_workflow.ts";
import { type Revision, revisionOf, withRevision } from "./revision.ts";

/** What revisions are read with. */
export interface RevisionSourceOptions {
  /** Folder of the repository's files. Absolute. */
  readonly dir: string;
  readonly checkouts: Checkouts;
  readonly workflows: WorkflowStore;
  /** Where templates are laid out. */
  readonly dataDir: string;
  /** Where workflows that fail are at home. */
  readonly failingDir: string;
  readonly cacheDir: string | undefined;
  /** What a workflow that fails takes over from the one before. */
  kept(): KeptConfig | undefined;
}

/** What is to be read: a revision, and where a commit has its workflow. */
export interface WantedRevision extends Omit<Revision, "folder"> {
  readonly path?: string | undefined;
  /** `false` for a commit that is run once: triggers of its workflow do not count. */
  readonly isUsual?: boolean;
}

/** A workflow of which each commit is a version. */
export class RevisionSource implements WorkflowSource {
  readonly dir: string;
  readonly file: string;
  /** What the next load reads. */
  wanted: WantedRevision;
  readonly #options: RevisionSourceOptions;

  constructor(wanted: WantedRevision, options: RevisionSourceOptions) {
    this.wanted = wanted;
    this.#options = options;
    this.dir = options.dir;
    this.file = `${options.dir}/${wanted.template ?? wanted.path ?? "workflow.yaml"}`;
  }

  async load(): Promise<WorkflowGraph> {
    const { path, isUsual = true, ...revision } = this.wanted;
    if (revision.problem !== undefined) return failingWorkflow(revision, this.#options.kept());
    const { cacheDir, checkouts } = this.#options;
    if (revision.template !== undefined) {
      const file = await findWorkflowFile(await this.#templateFolder(revision));
      return ofRevision(await folderSource(file, cacheDir).load(), revision, isUsual);
    }
    await using checkout = await checkouts.hold(revision.commit);
    const { folder, ...place } = await findWorkflow(checkout.dir, path ?? "");
    const graph = await folderSource(place, cacheDir).load();
    return ofRevision(graph, { ...revision, folder }, isUsual);
  }

  async place(spec: WorkflowSpec): Promise<VersionPlace> {
    const revision = revisionOf(spec);
    const { checkouts, failingDir } = this.#options;
    if (revision.problem !== undefined) {
      return { dir: failingDir, [Symbol.asyncDispose]: () => Promise.resolve() };
    }
    const template = revision.template === undefined
      ? undefined
      : await this.#templateFolder(revision);
    const checkout = await checkouts.hold(revision.commit);
    return {
      dir: template ?? `${checkout.dir}/${revision.folder ?? ""}`.replace(/\/$/, ""),
      workspace: { dir: checkout.dir, include: [], ignore: [] },
      [Symbol.asyncDispose]: () => checkout[Symbol.asyncDispose](),
    };
  }

  async #templateFolder({ template = "", version }: Revision): Promise<string> {
    const { workflows, dataDir } = this.#options;
    const stored = await workflows.getWorkflow(template, version);
    if (stored !== undefined) return await Deno.realPath(await layOut(stored, dataDir));
    throw new CodedError(
      "NOT_FOUND",
      `Cannot find version ${version} of "${template}" as a template: there is none`,
      { fix: `pd pipelines history ${template}` },
    );
  }
}

function ofRevision(graph: WorkflowGraph, revision: Revision, isUsual: boolean): WorkflowGraph {
  const { triggers } = graph.spec;
  const spec = withRevision({ ...graph.spec, triggers: isUsual ? triggers : [] }, revision);
  return { ...graph, spec, dag: { ...graph.dag, spec } };
}
