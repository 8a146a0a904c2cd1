import { compile } from "../compiler/mod.ts";
import { formatDiagnostic, parseWorkflow, type WorkflowSpec } from "../spec/mod.ts";
import { findWorkflowFile, readWorkflowText } from "./workflow_file.ts";
import { WorkflowInvalidError } from "./workflow_invalid_error.ts";

/** Larger files are not even read. The parser's own limit is lower. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;

/** A workflow folder without mistakes. */
export interface ReadWorkflow {
  /** Absolute, symlinks resolved. */
  readonly root: string;
  readonly spec: WorkflowSpec;
  readonly warnings: readonly string[];
}

/**
 * Reads and compiles the `workflow.yaml` of a folder.
 *
 * @throws {PdError} `WORKFLOW_NOT_FOUND`; `WORKFLOW_INVALID` with every mistake
 */
export async function readWorkflow(dir: string): Promise<ReadWorkflow> {
  const { dir: root, file } = await findWorkflowFile(dir);
  const parsed = await parseWorkflow(await readWorkflowText(file, MAX_FILE_BYTES), { file });
  const compiled = parsed.draft === undefined
    ? undefined
    : compile(parsed.draft, { file, locate: parsed.locate });
  const diagnostics = [...parsed.diagnostics, ...compiled?.diagnostics ?? []];
  if (parsed.spec === undefined || compiled?.dag === undefined) {
    throw new WorkflowInvalidError(file, diagnostics);
  }
  return { root, spec: parsed.spec, warnings: diagnostics.map((one) => formatDiagnostic(one)) };
}
