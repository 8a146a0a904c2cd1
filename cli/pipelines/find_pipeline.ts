import { basename, resolve } from "node:path";
import { CodedError } from "../../engine/errors/mod.ts";
import {
  findLocalPipeline,
  layOut,
  layOutLocal,
  type LocalPipeline,
} from "../../engine/pipelines/mod.ts";
import { defaultStorageUrl, type StoredWorkflow } from "../../engine/storage/mod.ts";
import { didYouMean } from "../../engine/words/mod.ts";
import { shownAddress } from "../shown_address.ts";
import type { TargetPlace } from "../open_target.ts";
import { targetStorage } from "../target_storage.ts";
import { nearestFix, searchTarget } from "../targets/mod.ts";
import type { Io } from "../terminal/mod.ts";
import { hintAt } from "../usage_error.ts";
import { dataFolder } from "./data_folder.ts";
import { listLocalNames } from "./list_local_names.ts";

/** A pipeline or workflow that has a name, laid out to be opened. */
export interface FoundByName {
  readonly kind: "pipeline" | "workflow";
  readonly place: TargetPlace;
  readonly warnings: readonly string[];
}

/** Where to look. */
export interface FindPipelineOptions extends Pick<Io, "cwd" | "env"> {
  /** `--storage` as a pipeline has it. */
  readonly storage: string | undefined;
  /** `--storage` as a workflow has it, whose flags may stand anywhere. */
  readonly workflowStorage: string | undefined;
  /** Closes what was opened to look into. */
  readonly opened: AsyncDisposableStack;
}

const NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/**
 * Finds what a name means that is no path of a workflow: what is stored under it, else what lies in
 * `.pd/pipelines` here or in a folder above, else a file with a pipeline.
 *
 * @throws {PdError} `TARGET_NOT_FOUND` with every place that was looked at; what laying out and the storage throw
 */
export async function findPipeline(
  name: string,
  options: FindPipelineOptions,
): Promise<FoundByName> {
  const { cwd, env, opened } = options;
  const storage = opened.use(targetStorage(options.storage, { cwd, env }));
  const looked: string[] = [...(await searchTarget(name, cwd)).looked];
  const file = await pipelineFile(name, cwd);
  if (file !== undefined) return await local(file, { storage, env });
  const names: string[] = [];
  if (NAME.test(name)) {
    const stored = await (await storage.open()).getWorkflow(name);
    if (stored?.kind === "pipeline") return await laidOut(stored, { storage, env });
    const elsewhere = options.workflowStorage === undefined
      ? { stored, storage }
      : await workflowIn(options.workflowStorage, name, options);
    if (elsewhere.stored?.kind === "workflow") {
      return await laidOut(elsewhere.stored, { storage: elsewhere.storage, env });
    }
    const records = await (await storage.open()).listWorkflows();
    names.push(...records.map((record) => record.name));
    looked.push(`stored pipelines (${addressOf(options)}): none of that name`);
  }
  const { found, places } = await findLocalPipeline(name, cwd);
  if (found !== undefined) return await local(found, { storage, env });
  if (places.length > 0) looked.push(localPlaces(name, places));
  throw await notFound(name, { looked, names, cwd });
}

async function workflowIn(
  url: string,
  name: string,
  { cwd, env, opened }: FindPipelineOptions,
): Promise<
  { readonly stored: StoredWorkflow | undefined; readonly storage: TargetPlace["storage"] }
> {
  const storage = opened.use(targetStorage(url, { cwd, env }));
  return { stored: await (await storage.open()).getWorkflow(name), storage };
}

/** `pd run path/to/pipeline.ts` */
async function pipelineFile(word: string, cwd: string): Promise<LocalPipeline | undefined> {
  const path = resolve(cwd, word);
  if (!/\.[cm]?[jt]s$/.test(word)) return undefined;
  if (!(await Deno.stat(path).catch(() => undefined))?.isFile) return undefined;
  return { name: nameOfFile(path), kind: "pipeline", path };
}

/** The name that a file gives its pipeline: `Load Test.ts` is `load-test`. */
export function nameOfFile(path: string): string {
  return basename(path.replace(/\/+$/, ""))
    .replace(/(?<=.)\.[^.]*$/, "")
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
}

interface Means {
  readonly storage: TargetPlace["storage"];
  readonly env: Io["env"];
}

async function laidOut(stored: StoredWorkflow, { storage, env }: Means): Promise<FoundByName> {
  const path = await layOut(stored, dataFolder(env));
  const { kind, name, driver } = stored;
  return { kind, place: { path, driver, name, storage }, warnings: [] };
}

async function local(found: LocalPipeline, { storage, env }: Means): Promise<FoundByName> {
  const { dir, warnings } = await layOutLocal(found, dataFolder(env));
  const { kind, name } = found;
  return { kind, place: { path: dir, driver: undefined, name, storage }, warnings };
}

function addressOf({ storage, env }: FindPipelineOptions): string {
  try {
    return shownAddress(storage ?? defaultStorageUrl(env));
  } catch {
    return "memory:";
  }
}

/** `.pd/pipelines/k6.ts and .pd/pipelines/k6/workflow.yaml in /a/b, /a, /: no such file` */
function localPlaces(name: string, places: readonly string[]): string {
  const files = [`/.pd/pipelines/${name}.ts`, `/.pd/pipelines/${name}/workflow.yaml`];
  const folders = places.flatMap((place) => {
    const file = files.find((end) => place.endsWith(end));
    return file === undefined ? [place] : [place.slice(0, -file.length) || "/"];
  });
  const relative = files.map((file) => file.slice(1)).join(" and ");
  return `${relative} in ${[...new Set(folders)].join(", ")}: no such file`;
}

async function notFound(
  name: string,
  { looked, names, cwd }: {
    readonly looked: readonly string[];
    readonly names: readonly string[];
    readonly cwd: string;
  },
): Promise<CodedError> {
  const near = didYouMean(name, [...names, ...await listLocalNames(cwd)]);
  return new CodedError(
    "TARGET_NOT_FOUND",
    `Cannot find "${name}" as a workflow or pipeline${hintAt(near)}; looked at ${
      looked.join("; ")
    }`,
    { fix: near === undefined ? await nearestFix(cwd, "pd run") : `pd run ${near}` },
  );
}
