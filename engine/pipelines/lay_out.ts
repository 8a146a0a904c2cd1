import { systemClock } from "../clock/mod.ts";
import { CodedError } from "../errors/mod.ts";
import type { StoredWorkflow } from "../storage/mod.ts";
import { checkName, pipelineFolder } from "./pipeline_folder.ts";
import { pruneLaidOut } from "./prune_laid_out.ts";
import { isSafePath } from "./safe_path.ts";
import { fromStored, isStored } from "./stored_content.ts";

/** What of a stored pipeline or workflow makes its folder. */
export interface LaidOut
  extends Pick<StoredWorkflow, "name" | "version" | "kind" | "driver" | "files"> {
  /** What `pipelineContext.pipelineID` says; the name when undefined. */
  readonly id?: string | undefined;
}

const DIGEST_CHARS = 16;
const MAX_ATTEMPTS = 20;

/**
 * Writes a stored pipeline or workflow into a folder that `openWorkflow` opens, and answers its absolute path:
 * `<dataDir>/pipelines/<name>/<digest of its content>`. A folder that is there already is looked through and used
 * again. Calls of several processes at once are fine.
 *
 * @throws {CodedError} `SPEC_NAME`; `PATH_ESCAPE` for a file that would lie outside of the folder
 */
export async function layOut(stored: LaidOut, dataDir: string): Promise<string> {
  checkName(stored.name);
  const files = filesOf(stored);
  for (const path of Object.keys(files)) checkPath(path);
  const digest = await digestOf(files);
  const parent = `${dataDir}/pipelines/${stored.name}`;
  const dir = `${parent}/${digest}`;
  await Deno.mkdir(parent, { recursive: true, mode: 0o700 });
  // Another process may do the same, or put aside a damaged folder at the moment when we look.
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    if (await isWhole(dir, files)) {
      if (await noteUse(dir)) return dir;
      continue;
    }
    const draft = `${parent}/.${digest}-${crypto.randomUUID()}`;
    try {
      await writeFiles(draft, files);
      await moveTo(dir, { draft, files });
      await pruneLaidOut(dataDir);
    } finally {
      await removeFolder(draft);
    }
  }
  throw new CodedError(
    "INTERNAL",
    `Cannot lay out "${stored.name}" in "${dir}" as it was stored: something changes it`,
    { fix: `rm -r "${dir}"` },
  );
}

/** The name of the folder that `layOut` makes of it. */
export async function laidOutName(stored: LaidOut): Promise<string> {
  return await digestOf(filesOf(stored));
}

function filesOf(stored: LaidOut): { readonly [path: string]: string } {
  return stored.kind === "pipeline" ? pipelineFolder(stored) : stored.files;
}

/** Notes the time of use, by which folders are removed one day. `false` when it was removed at this moment. */
async function noteUse(dir: string): Promise<boolean> {
  const now = new Date(systemClock.now());
  try {
    await Deno.utime(dir, now, now);
    return true;
  } catch (error) {
    return !(error instanceof Deno.errors.NotFound);
  }
}

function checkPath(path: string): void {
  if (isSafePath(path)) return;
  throw new CodedError(
    "PATH_ESCAPE",
    `Cannot lay out "${path}" as a file of a stored workflow: it would lie outside of its folder`,
    { fix: "Store the workflow again: pd set-pipeline path/to/folder --name its-name" },
  );
}

/** Of names and texts: the same for the same folder, on every machine. */
async function digestOf(files: { readonly [path: string]: string }): Promise<string> {
  const sorted = Object.entries(files).sort(([a], [b]) => a < b ? -1 : 1);
  const bytes = new TextEncoder().encode(JSON.stringify(sorted));
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return new Uint8Array(digest).toHex().slice(0, DIGEST_CHARS);
}

/** Whether a folder holds just these files, each as it should be. */
async function isWhole(
  dir: string,
  files: { readonly [path: string]: string },
): Promise<boolean> {
  try {
    const paths = await listFiles(dir, "");
    if (paths.length !== Object.keys(files).length) return false;
    const same = paths.map(async (path) =>
      isStored(await Deno.readFile(`${dir}/${path}`), files[path] ?? "")
    );
    return (await Promise.all(same)).every((isSame) => isSame);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return false;
    }
    throw error;
  }
}

async function listFiles(dir: string, prefix: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${dir}/${prefix}`)) {
    if (isDirectory) paths.push(...await listFiles(dir, `${prefix}${name}/`));
    else paths.push(prefix + name);
  }
  return paths;
}

async function writeFiles(dir: string, files: { readonly [path: string]: string }): Promise<void> {
  await Deno.mkdir(dir, { mode: 0o700 });
  for (const [path, text] of Object.entries(files)) {
    const slash = path.lastIndexOf("/");
    if (slash > 0) await Deno.mkdir(`${dir}/${path.slice(0, slash)}`, { recursive: true });
    await Deno.writeFile(`${dir}/${path}`, fromStored(text));
  }
}

/** A folder that lies there and is not whole is moved out of the way, as a folder cannot take the place of one. */
async function moveTo(
  dir: string,
  { draft, files }: { readonly draft: string; readonly files: { readonly [path: string]: string } },
): Promise<void> {
  try {
    await Deno.rename(draft, dir);
  } catch (error) {
    if (await Deno.lstat(dir).catch(() => undefined) === undefined) throw error;
    if (await isWhole(dir, files)) return;
    const aside = `${draft}-old`;
    await Deno.rename(dir, aside).catch(() => {});
    await removeFolder(aside);
    await Deno.rename(draft, dir).catch(() => {});
  }
}

async function removeFolder(dir: string): Promise<void> {
  await Deno.remove(dir, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}
