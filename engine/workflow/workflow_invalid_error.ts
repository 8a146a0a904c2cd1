import { PdError } from "../errors/mod.ts";
import type { Diagnostic } from "../spec/mod.ts";

/** The file of a workflow has problems; `diagnostics` holds all of them, warnings included. */
export class WorkflowInvalidError extends PdError {
  override readonly code = "WORKFLOW_INVALID";
  readonly diagnostics: readonly Diagnostic[];

  constructor(file: string, diagnostics: readonly Diagnostic[]) {
    const errors = diagnostics.filter((diagnostic) => diagnostic.severity === "error");
    const first = errors[0];
    const what = errors.length === 1 ? "1 problem" : `${errors.length} problems`;
    super(
      `Cannot open "${file}" as a workflow: ${what}` +
        (first === undefined ? "" : `, the first at line ${first.line}: ${first.message}`),
      { fix: first?.fix ?? `pd validate ${file}` },
    );
    this.diagnostics = diagnostics;
  }
}
