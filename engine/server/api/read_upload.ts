import { dirname } from "node:path";
import { PdError } from "../../errors/mod.ts";
import { bundlePipeline, isSafePath, packWorkflowFolder } from "../../pipelines/mod.ts";
import { formatDiagnostic } from "../../spec/mod.ts";
import type { NewStoredWorkflow } from "../../storage/mod.ts";
import { WorkflowInvalidError } from "../../workflow/mod.ts";
import { FieldError } from "../field_error.ts";

/** Path → text. */
export interface UploadedFiles {
  readonly [path: string]: string;
}

/** What files are, as they are stored. */
export interface ReadUpload extends Pick<NewStoredWorkflow, "kind" | "files"> {
  /** As its workflow.yaml has it; pipelines have none of their own. */
  readonly name: string | undefined;
  readonly warnings: readonly string[];
}

/**
 * Reads uploaded files as a workflow (`workflow.yaml` and what it names) or as a pipeline (`pipeline.ts` and what it
 * imports), and checks them as storing from a folder does. Nothing of them is executed.
 *
 * @throws {FieldError} with every mistake
 */
export async function readUpload(files: UploadedFiles): Promise<ReadUpload> {
  for (const path of Object.keys(files)) {
    if (isSafePath(path)) continue;
    throw new FieldError(
      `files.${path}`,
      "it would lie outside of its folder",
      `{"files": {"workflow.yaml": "…", "nodes/a.ts": "…"}}`,
    );
  }
  const main = ["pipeline.ts", "pipeline.js"].find((name) => Object.hasOwn(files, name));
  const isWorkflow = ["workflow.yaml", "workflow.yml"].some((name) => Object.hasOwn(files, name));
  if (!isWorkflow && main === undefined) {
    throw new FieldError(
      "files",
      "neither workflow.yaml nor pipeline.ts is among them",
      `{"files": {"workflow.yaml": "…", "nodes/a.ts": "…"}}`,
    );
  }
  const dir = await Deno.realPath(await Deno.makeTempDir({ prefix: "pd-upload-" }));
  try {
    await writeAll(dir, files);
    if (isWorkflow) return { ...await packWorkflowFolder(dir), kind: "workflow" };
    const bundled = await bundlePipeline(`${dir}/${main}`);
    return { ...bundled, kind: "pipeline", name: undefined };
  } catch (error) {
    if (!(error instanceof PdError) || error instanceof FieldError) throw error;
    // Where they were checked is nobody's business.
    const hidden = (text: string) => text.replaceAll(`${dir}/`, "").replaceAll(dir, ".");
    const state = error instanceof WorkflowInvalidError
      ? `it has mistakes:\n${error.diagnostics.map(formatDiagnostic).join("\n")}`
      : error.message;
    throw new FieldError("files", hidden(state), hidden(error.fix ?? "Correct the files"));
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function writeAll(dir: string, files: UploadedFiles): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    try {
      await Deno.mkdir(dirname(`${dir}/${path}`), { recursive: true });
      await Deno.writeTextFile(`${dir}/${path}`, text);
    } catch {
      // A name that is too long, or that of a folder too.
      throw new FieldError(`files.${path}`, "no file can have that name here", "Choose another");
    }
  }
}
