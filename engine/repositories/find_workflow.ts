import { CodedError } from "../errors/mod.ts";
import { findWorkflowFile, type WorkflowFile } from "../workflow/mod.ts";
import { checkWorkflowPath } from "./check_repository.ts";

/** A workflow in a checkout. */
export interface CheckedOutWorkflow extends WorkflowFile {
  /** Its folder, relative to the checkout; empty for the root. */
  readonly folder: string;
}

/**
 * Finds the workflow at a path of a checkout, wherever links lead, as long as it is within.
 *
 * @throws {CodedError} `PATH_ESCAPE`, `WORKFLOW_NOT_FOUND`
 */
export async function findWorkflow(checkout: string, path: string): Promise<CheckedOutWorkflow> {
  checkWorkflowPath(path);
  const root = await Deno.realPath(checkout);
  const at = `${root}/${path}`;
  const real = await Deno.realPath(at).catch(() => undefined);
  if (real === undefined) {
    throw new CodedError(
      "WORKFLOW_NOT_FOUND",
      `Cannot open "${path}" as a workflow of this commit: no such file or folder`,
      { fix: `Commit a ${path.replace(/\/$/, "")}/workflow.yaml` },
    );
  }
  checkWithin(root, real, path);
  const found = await findWorkflowFile(real).catch((error) => {
    throw shown(error, root);
  });
  // The file may be a link of its own.
  const file = await Deno.realPath(found.file);
  checkWithin(root, file, path);
  return { dir: found.dir, file, folder: found.dir.slice(root.length + 1) };
}

/** Messages name files as the repository does. */
function shown(error: unknown, root: string): unknown {
  if (!(error instanceof CodedError)) return error;
  return new CodedError(error.code, error.message.replaceAll(`${root}/`, ""), {
    ...error.fix === undefined ? {} : { fix: error.fix },
    cause: error,
  });
}

function checkWithin(root: string, real: string, path: string): void {
  if (real === root || real.startsWith(`${root}/`)) return;
  throw new CodedError(
    "PATH_ESCAPE",
    `Cannot open "${path}" as a workflow of this commit: a link leads out of the repository`,
    { fix: "Commit the file itself in place of the link" },
  );
}
