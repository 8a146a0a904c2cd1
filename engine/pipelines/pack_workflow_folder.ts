import { CodedError } from "../errors/mod.ts";
import { checkFolder } from "../nodes/mod.ts";
import type { WorkflowSpec } from "../spec/mod.ts";
import { formatBytes } from "../units/mod.ts";
import { toStored } from "./stored_content.ts";

/** A workflow folder as it is stored. */
export interface PackedWorkflow {
  /** The name that its workflow.yaml has. */
  readonly name: string;
  /** Path → content, `workflow.yaml` among them, as `fromStored` reads it. */
  readonly files: { readonly [path: string]: string };
  readonly warnings: readonly string[];
}

/** Of all files together: they are stored as one value. */
const MAX_BYTES = 32 * 1024 * 1024;

/**
 * Reads the files of a workflow folder that is without mistakes. `.gitignore` and `.pdignore` are honoured; `.git`,
 * `.secrets*` and `.env*` are never among them.
 *
 * @throws {PdError} what `pd validate` would say; `NODE_NOT_FOUND` for a node's module that is left out;
 *   `PATH_ESCAPE`; `WORKFLOW_TOO_LARGE` above 32 MiB
 */
export async function packWorkflowFolder(dir: string): Promise<PackedWorkflow> {
  // What runs workflows is large, and those who only list or run what is stored need none of it here.
  const { readWorkflow }: typeof import("../workflow/mod.ts") = await import(
    new URL("../workflow/mod.ts", import.meta.url).href
  );
  const { root, spec, warnings } = await readWorkflow(dir);
  checkFolder(root, []);
  const packed = await readFiles(root, dir);
  checkNodes(spec, packed.files);
  return {
    name: spec.name,
    files: packed.files,
    warnings: [...warnings, ...packed.warnings],
  };
}

async function readFiles(
  root: string,
  shown: string,
): Promise<Pick<PackedWorkflow, "files" | "warnings">> {
  const files: Record<string, string> = {};
  const warnings: string[] = [];
  let bytes = 0;
  const { listWorkspace }: typeof import("../workspace/mod.ts") = await import(
    new URL("../workspace/mod.ts", import.meta.url).href
  );
  for await (const { path, info } of listWorkspace({ dir: root, include: [], ignore: [] })) {
    if (info.isDirectory) continue;
    const stat = info.isSymlink ? await Deno.stat(`${root}/${path}`).catch(() => undefined) : info;
    if (stat?.isFile !== true) {
      warnings.push(`"${path}" is left out: it is no file`);
      continue;
    }
    bytes += stat.size;
    if (bytes > MAX_BYTES) throw tooLarge(shown, path);
    files[path] = toStored(await Deno.readFile(`${root}/${path}`));
  }
  return { files, warnings };
}

function tooLarge(dir: string, path: string): CodedError {
  return new CodedError(
    "WORKFLOW_TOO_LARGE",
    `Cannot store "${dir}" as its files may have ${formatBytes(MAX_BYTES)} together: ` +
      `with "${path}" they have more`,
    { fix: `Leave out what the workflow does not need: echo '/data/' >> ${dir}/.pdignore` },
  );
}

/** A module that an ignore rule leaves out would be missed only when the stored workflow runs. */
function checkNodes(spec: WorkflowSpec, files: { readonly [path: string]: string }): void {
  for (const node of spec.nodes) {
    if (node.kind !== "code") continue;
    const path = node.path.replace(/^\.\//, "");
    if (files[path] !== undefined) continue;
    throw new CodedError(
      "NODE_NOT_FOUND",
      `Cannot store "${node.path}" as the module of node "${node.id}": it is not there, or an ` +
        "ignore rule leaves it out",
      { fix: `echo '!${path}' >> .pdignore` },
    );
  }
}
