import { type Clock, systemClock } from "../clock/mod.ts";
import { MOUNTED_SECRETS } from "../context/mod.ts";
import { CodedError } from "../errors/mod.ts";
import type { Storage } from "../storage/mod.ts";
import type { TriggerHost, TriggerMetric } from "../triggers/mod.ts";
import type { WorkflowSettings } from "../workflow/mod.ts";
import { workflowFolders } from "./folder_source.ts";
import type { OpenRegistry } from "./opened_registry.ts";
import type { RegistrySource } from "./registry_source.ts";
import { isPipelinesFile, pipelinesFiles } from "./pipelines_source.ts";
import { keepLooking } from "./keep_looking.ts";
import { stampOfPlaces } from "./folder_stamp.ts";
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
  /** Whether changes of files are looked for, and where they cannot be seen, each `pollIntervalMs`. */
  readonly watch?: boolean;
  /** How often all sources are looked at without a sign of a change; never without it. */
  readonly pollIntervalMs?: number;
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
  const { pattern } = options;
  if (path !== undefined && pattern !== undefined) {
    const pipelines = pipelinesFiles({
      path,
      pattern,
      scriptsDir: options.scriptsDir ?? path,
      settings,
      storage,
      clock,
      onWarning: (message) => log("warn", message),
    });
    await pipelines.check();
    sources.push(pipelines);
  }
  const secretPlaces = [options.settings?.secretsPath ?? MOUNTED_SECRETS];
  const registry = new WorkflowRegistry({
    storage,
    clock,
    random,
    log,
    insecureWebhooks: options.insecureWebhooks ?? false,
    ...options.count === undefined ? {} : { count: options.count },
    sources,
    stampOfAll: () => stampOfPlaces(secretPlaces),
  });
  // From here on: an edit made while workflows are opened counts too.
  registry.keep(
    await keepLooking(registry, {
      path: options.watch ? path : undefined,
      isPipelines: (file) =>
        path !== undefined && pattern !== undefined && isPipelinesFile(file, { path, pattern }),
      also: secretPlaces,
      pollIntervalMs: options.pollIntervalMs,
      clock,
      onWarning: (message) => log("warn", message),
    }),
  );
  await registry.reload();
  return registry;
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
