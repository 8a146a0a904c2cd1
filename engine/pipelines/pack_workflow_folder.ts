import { CodedError } from "../errors/mod.ts";

/** A workflow folder as it is stored. */
export interface PackedWorkflow {
  /** The name that its workflow.yaml has. */
  readonly name: string;
  /** Path → text, `workflow.yaml` among them. */
  readonly files: { readonly [path: string]: string };
  readonly warnings: readonly string[];
}

/**
 * Reads the files of a workflow folder that is without mistakes. `.gitignore` and `.pdignore` are honoured; `.git`,
 * `.secrets*` and `.env*` are never among them.
 *
 * @throws {PdError} what `pd validate` would say; `WORKFLOW_TOO_LARGE` above 32 MiB
 */
export function packWorkflowFolder(dir: string): Promise<PackedWorkflow> {
  return Promise.reject(new CodedError("NOT_AVAILABLE", `Cannot pack "${dir}" yet`));
}
