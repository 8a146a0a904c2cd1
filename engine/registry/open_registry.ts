import { type Clock, systemClock } from "../clock/mod.ts";
import { CodedError } from "../errors/mod.ts";
import type { Storage } from "../storage/mod.ts";
import type { TriggerHost, TriggerMetric } from "../triggers/mod.ts";
import type { WorkflowSettings } from "../workflow/mod.ts";
import { AddedSource } from "./added_source.ts";
import { workflowFolders } from "./folder_source.ts";
import type { RegisteredWorkflow, Registry } from "./registry.ts";
import type { FoundWorkflow, RegistrySource } from "./registry_source.ts";
import { pipelinesFiles } from "./pipelines_source.ts";
import { storedWorkflows } from "./stored_source.ts";
import { WorkflowRegistry } from "./workflow_registry.ts";

/** Which workflows are opened, and with what. */
export interface OpenRegistryOptions {
  /** Where runs are kept. It stays open when the registry is closed. */
  readonly storage: Storage;
  /** Folder below which workflows are looked for; none are without it. */
  readonly path?: string;
  /** Glob of `pipelines.yml` files below `path`: `**\/pipelines.{yml,yaml}`. None are looked for without it. */
  readonly pattern?: string;
  /** Where the scripts of pipelines run; `path` by default. */
  readonly scriptsDir?: string;
  /** Opens what is stored too; the folder is where it is laid out. */
  readonly stored?: { readonly dataDir: string };
  /** What every workflow is opened with; their hosts are on demand unless it says otherwise. */
  readonly settings?: Omit<
    WorkflowSettings,
    "storage" | "workflowKey" | "clock" | "random" | "onWarning"
  >;
  /** Whether webhooks without `verify` take what anybody sends. */
  readonly insecureWebhooks?: boolean;
  readonly clock?: Clock;
  /** Even in [0, 1). */
  readonly random?: () => number;
  /** What is worth telling the operator; its fields name the workflow, or the place of a problem. */
  readonly log?: TriggerHost["log"];
  /** Counts what triggers do. */
  readonly count?: (
    workflow: string,
    trigger: string,
    metric: TriggerMetric,
    value: number,
  ) => void;
}

/** A registry that takes workflows from the program too. */
export interface OpenRegistry extends Registry {
  /**
   * Opens a workflow beside those of the sources, or loads it again when one of its id is there and its stamp
   * has changed.
   *
   * @throws {CodedError} `ALREADY_EXISTS` when another one has its name, `WORKFLOW_INVALID` with all that is wrong
   */
  add(found: FoundWorkflow): Promise<RegisteredWorkflow>;
  /** Takes away what was added under a name; its runs come to their end. False when there is none. */
  remove(name: string): Promise<boolean>;
  /** Resolves when every workflow has taken up its runs of before, and keeps its schedules. Never rejects. */
  begun(): Promise<void>;
}

/**
 * Opens every workflow that there is. What cannot be loaded is among `problems()`.
 *
 * @throws {PdError} `WORKFLOW_NOT_FOUND` when `path` is no folder; `PIPELINES_INVALID` (a `PipelinesInvalidError`
 *   with every mistake) when a `pipelines.yml` has one
 */
export async function openRegistry(options: OpenRegistryOptions): Promise<OpenRegistry> {
  const { storage, clock = systemClock, random = Math.random, log = () => {} } = options;
  const settings: WorkflowSettings = {
    hosts: "on_demand",
    ...options.settings,
    storage,
    clock,
    random,
    onWarning: (message) => log("warn", message),
  };
  const sources: RegistrySource[] = [];
  const path = options.path === undefined ? undefined : await realFolder(options.path);
  if (path !== undefined) sources.push(workflowFolders({ path, settings }));
  if (options.stored !== undefined) {
    sources.push(storedWorkflows({ ...options.stored, storage, settings }));
  }
  if (path !== undefined && options.pattern !== undefined) {
    const pipelines = pipelinesFiles({
      path,
      pattern: options.pattern,
      scriptsDir: options.scriptsDir ?? path,
      settings,
      onWarning: (message) => log("warn", message),
    });
    await pipelines.check();
    sources.push(pipelines);
  }
  const added = new AddedSource();
  sources.push(added);
  const registry = new WorkflowRegistry({
    storage,
    clock,
    random,
    log,
    insecureWebhooks: options.insecureWebhooks ?? false,
    ...options.count === undefined ? {} : { count: options.count },
    sources,
  });
  await registry.reload();
  return withAdded(registry, added);
}

function withAdded(registry: WorkflowRegistry, added: AddedSource): OpenRegistry {
  return Object.assign(registry, {
    async add(found: FoundWorkflow) {
      added.add(found);
      await registry.lookAt([added]);
      const entry = registry.get(found.name);
      if (entry?.id === found.id && entry.stamp === found.stamp) return entry;
      const problem = registry.problems().find(({ place }) => place === found.origin.place);
      if (entry?.id !== found.id) added.remove(found.name);
      throw cannotAdd(found, problem?.message ?? "the registry is closing");
    },
    async remove(name: string) {
      const isGone = added.remove(name);
      if (isGone) await registry.lookAt([added]);
      return isGone;
    },
  });
}

function cannotAdd({ name }: FoundWorkflow, state: string): CodedError {
  return new CodedError(
    state.startsWith("ALREADY_EXISTS") ? "ALREADY_EXISTS" : "WORKFLOW_INVALID",
    `Cannot register "${name}" as a workflow: ${state}`,
  );
}

async function realFolder(path: string): Promise<string> {
  try {
    const real = await Deno.realPath(path);
    if ((await Deno.stat(real)).isDirectory) return real;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  throw new CodedError(
    "WORKFLOW_NOT_FOUND",
    `Cannot look for workflows below "${path}" as a folder: there is none`,
    { fix: `mkdir -p ${path}` },
  );
}
