import { CodedError } from "../errors/mod.ts";

const FILE_NAMES = ["workflow.yaml", "workflow.yml"] as const;

/** In an image, in place of the workflow.yaml that it was made of. */
export const BUILT_FILE = "workflow.built.json";

/** Where a workflow lives. Both paths are real paths: absolute, symlinks resolved. */
export interface WorkflowFile {
  readonly dir: string;
  readonly file: string;
}

/**
 * Finds the `workflow.yaml` (else `workflow.yml`) of a folder, or takes the path of such a file.
 *
 * @throws {CodedError} `WORKFLOW_NOT_FOUND`, saying what was looked for
 */
export async function findWorkflowFile(path: string): Promise<WorkflowFile> {
  const real = await realPath(path);
  if (real === undefined) {
    throw notFound(path, "no such file or folder");
  }
  const stat = await Deno.stat(real);
  if (stat.isFile) {
    if (!/\.ya?ml$/.test(real) && !isBuiltFile(real)) {
      throw notFound(path, "it is a file, but not a .yaml or .yml one");
    }
    return { dir: parentOf(real), file: real };
  }
  if (!stat.isDirectory) throw notFound(path, "neither a file nor a folder");
  for (const name of FILE_NAMES) {
    const file = `${real === "/" ? "" : real}/${name}`;
    if (await isFile(file)) return { dir: real, file };
  }
  throw notFound(path, `the folder has no ${FILE_NAMES.join(" and no ")}`);
}

/** Whether that is what `pd build` made of a workflow.yaml: its spec, read and checked. */
export function isBuiltFile(file: string): boolean {
  return file.endsWith(`/${BUILT_FILE}`);
}

/**
 * The text of a file, refused before it is read when it is larger than `maxBytes`.
 *
 * @throws {CodedError} `WORKFLOW_TOO_LARGE`; `WORKFLOW_NOT_FOUND` for a file that was there when it was found
 */
export async function readWorkflowText(file: string, maxBytes: number): Promise<string> {
  const size = await sizeOf(file);
  if (size === undefined) throw notFound(file, "it is gone", `Put it back: ${file}`);
  if (size > maxBytes) {
    throw new CodedError(
      "WORKFLOW_TOO_LARGE",
      `Cannot read "${file}" as a workflow: ${size} bytes, and at most ${maxBytes} are read`,
      { fix: "Move data out of workflow.yaml into files that nodes read" },
    );
  }
  return await Deno.readTextFile(file);
}

async function sizeOf(file: string): Promise<number | undefined> {
  try {
    return (await Deno.stat(file)).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function realPath(path: string): Promise<string | undefined> {
  try {
    return await Deno.realPath(path === "" ? "." : path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return undefined;
    }
    throw error;
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function parentOf(file: string): string {
  const slash = Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\"));
  return slash <= 0 ? "/" : file.slice(0, slash);
}

function notFound(path: string, state: string, fix?: string): CodedError {
  return new CodedError(
    "WORKFLOW_NOT_FOUND",
    `Cannot open "${path}" as a workflow: ${state}`,
    {
      fix: fix ??
        `pd init ${path.split("/").filter((part) => /^[a-z]/.test(part)).at(-1) ?? "my-flow"}`,
    },
  );
}
