import type { WorkflowSpec } from "../spec/mod.ts";
import type { WorkspaceSource } from "../workspace/mod.ts";
import type { GenerationParts } from "./generation.ts";

/** A workflow that was read and checked. */
export type WorkflowGraph = Pick<GenerationParts, "spec" | "dag" | "diagnostics">;

/** Where one version of a workflow is at home, for as long as it is in use. */
export interface VersionPlace extends AsyncDisposable {
  /** In place of the source's. Absolute. */
  readonly dir: string;
  /** What workspaces of its runs are filled from, in place of what all versions have. */
  readonly workspace?: WorkspaceSource | undefined;
}

/** Where a workflow comes from that has no `workflow.yaml` of its own. */
export interface WorkflowSource {
  /** Where its nodes are at home: paths and secrets begin there. Absolute. */
  readonly dir: string;
  /** What it was read from, as messages name it. Absolute. */
  readonly file: string;
  /**
   * Reads it as it is now: once when it is opened, and again for each reload.
   *
   * @throws {PdError} What is wrong with it; the version before goes on then.
   */
  load(): Promise<WorkflowGraph>;
  /**
   * Where that version is, now or when a run goes on with it: `dir` without it. It is disposed of after the last
   * run of the version.
   */
  place?(spec: WorkflowSpec): Promise<VersionPlace>;
}
