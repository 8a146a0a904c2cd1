import { bundlePipeline } from "./bundle_pipeline.ts";
import type { LocalPipeline } from "./find_local_pipeline.ts";
import { layOut } from "./lay_out.ts";
import { findConfig } from "./pipeline_config.ts";
import { checkName } from "./pipeline_folder.ts";

/** Raised when bundling gives something else for the same files. */
const FORMAT = 1;

/** What a local pipeline was bundled from and to, when that was done last. */
interface Known {
  readonly format: number;
  readonly code: string;
  /** Path of its `deno.json`, which another nearer one may replace. */
  readonly config: string | undefined;
  /** Path → digest of each file that it was made of. */
  readonly inputs: { readonly [path: string]: string };
}

/** A local pipeline as a folder. */
export interface LocalLayout {
  /** What `openWorkflow` opens: a workflow's own folder, or one where the bundled pipeline lies. */
  readonly dir: string;
  readonly warnings: readonly string[];
}

/**
 * Makes the folder that `openWorkflow` opens for a local pipeline. It is bundled and type-checked only when one of
 * the files that it is made of has changed since.
 *
 * @throws {CodedError} `PIPELINE_INVALID` as `bundlePipeline`, `SPEC_NAME`
 */
export async function layOutLocal(
  { name, kind, path }: LocalPipeline,
  dataDir: string,
): Promise<LocalLayout> {
  if (kind === "workflow") return { dir: path, warnings: [] };
  checkName(name);
  const record = `${dataDir}/pipelines/.local/${await digest(path)}.json`;
  const known = await readKnown(record);
  const isFresh = known !== undefined && await isUnchanged(known, path);
  const { code, warnings } = isFresh
    ? { code: known.code, warnings: [] }
    : await bundle(path, record);
  const stored = { name, version: 0, kind, driver: undefined, files: { "pipeline.js": code } };
  return { dir: await layOut(stored, dataDir), warnings };
}

async function bundle(
  path: string,
  record: string,
): Promise<{ readonly code: string; readonly warnings: readonly string[] }> {
  const { files, inputs, warnings } = await bundlePipeline(path);
  const code = files["pipeline.js"] ?? "";
  const known: Known = {
    format: FORMAT,
    code,
    config: await configOf(path),
    inputs: Object.fromEntries(
      await Promise.all(inputs.map(async (input) => [input, await digestOfFile(input)])),
    ),
  };
  await Deno.mkdir(record.slice(0, record.lastIndexOf("/")), { recursive: true, mode: 0o700 });
  const draft = `${record}.${crypto.randomUUID()}`;
  await Deno.writeTextFile(draft, JSON.stringify(known));
  await Deno.rename(draft, record);
  return { code, warnings };
}

async function readKnown(record: string): Promise<Known | undefined> {
  try {
    const known: Known = JSON.parse(await Deno.readTextFile(record));
    return known.format === FORMAT ? known : undefined;
  } catch {
    // There is none, or it is damaged: bundling makes it anew.
    return undefined;
  }
}

async function isUnchanged({ config, inputs }: Known, path: string): Promise<boolean> {
  if (await configOf(path) !== config) return false;
  const same = Object.entries(inputs).map(async ([input, known]) =>
    await digestOfFile(input).catch(() => "") === known
  );
  return (await Promise.all(same)).every((isSame) => isSame);
}

async function configOf(path: string): Promise<string | undefined> {
  const real = await Deno.realPath(path);
  return await findConfig(real.slice(0, real.lastIndexOf("/")));
}

async function digestOfFile(path: string): Promise<string> {
  return await digest(await Deno.readFile(path));
}

async function digest(content: string | Uint8Array<ArrayBuffer>): Promise<string> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
