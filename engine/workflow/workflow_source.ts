import type { GenerationParts } from "./generation.ts";

/** A workflow that was read and checked. */
export type WorkflowGraph = Pick<GenerationParts, "spec" | "dag" | "diagnostics">;

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
}
