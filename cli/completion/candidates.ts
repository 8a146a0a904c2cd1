import { join, resolve } from "node:path";

/** A word that may come next. */
export interface Candidate {
  readonly value: string;
  readonly description: string;
}

const MAX_ENTRIES = 1_000;
/** A name with anything else in it would need quotes that depend on the shell. */
const PLAIN_NAME = /^[\p{L}\p{N}._@%+=,-]+$/u;
const WORKFLOW_FILES = ["workflow.yaml", "workflow.yml"];

/**
 * Folders below the path that is being typed; with `files`, files too. A folder that holds a workflow
 * ends without a slash: it is a target as it stands.
 */
export async function pathCandidates(
  typed: string,
  { cwd, files }: { readonly cwd: string; readonly files: boolean },
): Promise<readonly Candidate[]> {
  const slash = typed.lastIndexOf("/") + 1;
  const parent = typed.slice(0, slash);
  const start = typed.slice(slash);
  const found: Candidate[] = [];
  try {
    for await (const entry of Deno.readDir(resolve(cwd, parent === "" ? "." : parent))) {
      const { name } = entry;
      if (!name.startsWith(start) || !PLAIN_NAME.test(name)) continue;
      if (name.startsWith(".") && !start.startsWith(".")) continue;
      if (entry.isDirectory) {
        if (name === "node_modules") continue;
        const isWorkflow = await holdsWorkflow(resolve(cwd, parent, name));
        found.push({
          value: `${parent}${name}${isWorkflow ? "" : "/"}`,
          description: isWorkflow ? "workflow" : "folder",
        });
      } else if (files) found.push({ value: `${parent}${name}`, description: "file" });
      if (found.length === MAX_ENTRIES) break;
    }
  } catch {
    return [];
  }
  return found.sort((a, b) => a.value < b.value ? -1 : 1);
}

/** The nodes of the workflow in the folder that is being typed: `examples/hn-digest/filter`. */
export async function nodeCandidates(typed: string, cwd: string): Promise<readonly Candidate[]> {
  const slash = typed.lastIndexOf("/") + 1;
  const parent = typed.slice(0, slash);
  const spec = await readSpec(resolve(cwd, parent === "" ? "." : parent));
  return (spec?.nodes ?? []).map(({ id, description }) => ({
    value: `${parent}${id}`,
    description: description ?? "node",
  }));
}

/** The declared inputs of the workflow in a folder, as flags without their dashes. */
export async function inputCandidates(target: string, cwd: string): Promise<readonly Candidate[]> {
  const spec = await readSpec(resolve(cwd, target));
  return Object.entries(spec?.inputs ?? {}).map(([name, input]) => ({
    value: name,
    description: input.description ?? `input, ${input.type}`,
  }));
}

async function readSpec(folder: string) {
  for (const name of WORKFLOW_FILES) {
    const file = join(folder, name);
    const text = await Deno.readTextFile(file).catch(() => undefined);
    if (text === undefined) continue;
    const { parseWorkflow } = await import("../../engine/spec/mod.ts");
    return (await parseWorkflow(text, { file })).spec;
  }
  return undefined;
}

async function holdsWorkflow(folder: string): Promise<boolean> {
  for (const name of WORKFLOW_FILES) {
    if ((await Deno.stat(join(folder, name)).catch(() => undefined))?.isFile) return true;
  }
  return false;
}
