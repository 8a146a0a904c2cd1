import { dirname, join } from "node:path";
import { CodedError } from "../../engine/errors/mod.ts";
import { editorFiles } from "./editor_files.ts";

/** What to create. */
export interface NewWorkflow {
  readonly name: string;
  readonly template: string;
  /** Absolute; made when it is not there. */
  readonly dir: string;
}

const TEMPLATES_FOLDER = new URL("../templates/", import.meta.url);

/**
 * Writes a template into a folder, with what editors need beside it. Overwrites nothing: when any of the
 * files is there already, none is written. Returns the files, relative to the folder, sorted.
 *
 * @throws {CodedError} `ALREADY_EXISTS`
 */
export async function createWorkflow({ name, template, dir }: NewWorkflow): Promise<string[]> {
  const files = new Map<string, string>();
  for (const path of await listFiles(new URL(`${template}/`, TEMPLATES_FOLDER))) {
    const text = await Deno.readTextFile(new URL(`${template}/${path}`, TEMPLATES_FOLDER));
    files.set(path, personalize(path, text, name));
  }
  for (const [path, text] of await editorFiles()) files.set(path, text);
  await refuseOverwriting(dir, [...files.keys()]);
  for (const [path, text] of files) {
    const file = join(dir, path);
    await Deno.mkdir(dirname(file), { recursive: true });
    await Deno.writeTextFile(file, text, { createNew: true });
  }
  return [...files.keys()].sort();
}

/** The template's own name gives way to the workflow's; an editor finds the schema by the first line. */
function personalize(path: string, text: string, name: string): string {
  if (path === "workflow.yaml") {
    const renamed = text.replace(/^name: .*$/m, `name: ${name}`);
    return `# yaml-language-server: $schema=.vscode/workflow.schema.json\n${renamed}`;
  }
  if (path === "README.md") return text.replace(/^# .*$/m, `# ${name}`);
  return text;
}

async function refuseOverwriting(dir: string, paths: readonly string[]): Promise<void> {
  const there: string[] = [];
  for (const path of ["", ...paths]) {
    const file = join(dir, path);
    const stat = await Deno.lstat(file).catch(() => undefined);
    if (stat === undefined) continue;
    if (path !== "") there.push(path);
    else if (!stat.isDirectory && !(await Deno.stat(file).catch(() => undefined))?.isDirectory) {
      throw new CodedError(
        "ALREADY_EXISTS",
        `Cannot create "${dir}" as a folder: a file is there`,
        {
          fix: `pd init another-name`,
        },
      );
    }
  }
  if (there.length === 0) return;
  const shown = there.slice(0, 3).join(", ");
  const more = there.length > 3 ? ` and ${there.length - 3} more` : "";
  throw new CodedError(
    "ALREADY_EXISTS",
    `Cannot create a workflow in "${dir}" as nothing is overwritten: ${shown}${more} already there`,
    { fix: "pd init another-name, or --dir with a folder that is empty" },
  );
}

async function listFiles(folder: URL, prefix = ""): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) {
      files.push(...await listFiles(new URL(`${name}/`, folder), `${prefix}${name}/`));
    } else files.push(`${prefix}${name}`);
  }
  return files.sort();
}
