import { type Clock, systemClock } from "../clock/mod.ts";
import type { Containers, ContainerSettings, OpenContainersOptions } from "../containers/mod.ts";
import { compile } from "../compiler/mod.ts";
import {
  createRedactor,
  createSecretReferences,
  type HttpMode,
  loadSecrets,
  MOUNTED_SECRETS,
  type Redactor,
  type Secrets,
} from "../context/mod.ts";
import { createExecutor } from "../executor/mod.ts";
import {
  createNodeRunner,
  type NodeTracing,
  type SocketPlaces,
  type WorkflowRunner,
} from "../nodes/mod.ts";
import type { OpenScriptsOptions, Scripts, ScriptSettings } from "../scripts/mod.ts";
import type { WorkflowSpec } from "../spec/mod.ts";
import {
  currentOwner,
  openStorage,
  type Owner,
  type Storage,
  workflowKeyOf,
} from "../storage/mod.ts";
import { DEFAULT_PATIENCE_MS } from "./event_writer.ts";
import { folderSource } from "./folder_source.ts";
import type { GenerationParts } from "./generation.ts";
import { missingSecret } from "./missing_secret.ts";
import { createRunIds } from "./run_id.ts";
import { Workflow } from "./workflow.ts";
import { findWorkflowFile, isBuiltFile, type WorkflowFile } from "./workflow_file.ts";
import { WorkflowInvalidError } from "./workflow_invalid_error.ts";
import type { WorkflowGraph, WorkflowSource } from "./workflow_source.ts";

/** Finished runs kept in memory, unless told otherwise. */
const DEFAULT_HISTORY_LIMIT = 1000;
/** Memory of finished runs, unless told otherwise. */
const DEFAULT_HISTORY_BYTES = 64 * 1024 * 1024;

/** What to open, and with what. */
export type OpenWorkflowOptions =
  & WorkflowSettings
  & (
    /** A folder, or the path of a `workflow.yaml`. */
    | { readonly dir: string; readonly source?: undefined }
    /** Something else that a workflow can be read from. */
    | { readonly source: WorkflowSource; readonly dir?: undefined }
  );

/** With what a workflow is opened. */
export interface WorkflowSettings {
  /** A file or folder of secrets, in place of the cascade. */
  readonly secretsPath?: string;
  /** Secrets of the caller's own, by key: each is the service of that name with one `value`, over all others. */
  readonly secretValues?: { readonly [key: string]: string };
  /** What is special about containers: the driver, the workspace, where output goes. */
  readonly containers?: ContainerSettings;
  /** Where scripts run and with which variables: the workflow's folder and the engine's own by default. */
  readonly scripts?: ScriptSettings;
  /** Where the requests of nodes go; `live` by default. */
  readonly http?: HttpMode;
  /** Where sockets of hosts go, when the engine has a right to those alone. */
  readonly sockets?: SocketPlaces | undefined;
  readonly clock?: Clock;
  /** Even in [0, 1): jitter comes from here. */
  readonly random?: () => number;
  /**
   * Where runs are kept, or what opens it: that is called once the hosts are on their way. It stays open when
   * the workflow is closed. In memory without one.
   */
  readonly storage?: Storage | (() => Promise<Storage>);
  /** Who owns the runs; this process by default. */
  readonly owner?: Owner;
  /** Under which key its runs are kept: the folder by default, or the file where it has another name than usual. */
  readonly workflowKey?: string | ((spec: WorkflowSpec) => string);
  /** Keys of earlier versions: their runs are found, listed and tried again as if they were its own. */
  readonly formerKeys?: readonly string[];
  /** How long a run waits for a storage that is out of reach before it is given up; a minute by default. */
  readonly patienceMs?: number;
  /** Finished runs kept in memory, where they are. */
  readonly historyLimit?: number;
  /** Memory that finished runs may take together, in bytes, where they are kept there. */
  readonly historyBytes?: number;
  /** Folder of the user's for what need not be worked out twice; nothing is kept without one. */
  readonly cacheDir?: string | undefined;
  /** Whether hosts run ahead of need (`ready`, the default), or only once a run needs one (`on_demand`). */
  readonly hosts?: "ready" | "on_demand";
  /** Hosts per set of rights; as many as cores by default, at least 2. */
  readonly maxHosts?: number;
  /** Connects the requests of nodes with the trace of their run; left out while tracing is off. */
  readonly tracing?: ((redactor: Redactor) => NodeTracing) | undefined;
  /** What is worth telling the operator, though nothing failed. */
  readonly onWarning?: (message: string) => void;
  /** Makes the runner of a version; tests hand in a fake one. */
  readonly createRunner?: typeof createNodeRunner;
}

/**
 * Opens a workflow folder: reads, checks and compiles its file, loads its secrets, and begins to start
 * its hosts. `ready()` of what comes back says when they are up.
 *
 * @throws {PdError} `WORKFLOW_NOT_FOUND`, `WORKFLOW_INVALID` (a `WorkflowInvalidError` with every
 * diagnostic), `PATH_ESCAPE`, `NODE_NOT_FOUND`, `NOT_AVAILABLE`, `SECRETS_INVALID`, `SECRETS_NOT_FOUND`
 */
export async function openWorkflow(asked: OpenWorkflowOptions): Promise<Workflow> {
  const options = { ...asked, owner: asked.owner ?? currentOwner() };
  const source = options.source ??
    folderSource(await findWorkflowFile(options.dir), options.cacheDir);
  const clock = options.clock ?? systemClock;
  const first = await loadGeneration(source, 1, options);
  // Now, while the hosts come up in processes of their own: before, it would keep them from starting.
  const storage = await open(options, clock).catch(async (error) => {
    await first.runner[Symbol.asyncDispose]();
    throw error;
  });
  return new Workflow({
    dir: source.dir,
    file: source.file,
    load: (version) => loadGeneration(source, version, options),
    loadSpec: (spec, version) => loadSpec(source, spec, { ...options, version }),
    clock,
    storage,
    ownsStorage: options.storage === undefined,
    owner: options.owner,
    workflowKey: keyOf(source, first.spec, options.workflowKey),
    formerKeys: options.formerKeys ?? [],
    patienceMs: options.patienceMs ?? DEFAULT_PATIENCE_MS,
    random: options.random ?? Math.random,
    onWarning: (message) => options.onWarning?.(message),
    newRunId: createRunIds({ now: Date.now, fill: (bytes) => crypto.getRandomValues(bytes) }),
    watchAlso: [options.secretsPath ?? MOUNTED_SECRETS],
  }, first);
}

/** The storage of the caller, or one in memory. */
async function open(
  { storage, historyLimit, historyBytes }: OpenWorkflowOptions,
  clock: Clock,
): Promise<Storage> {
  if (typeof storage === "function") return await storage();
  return storage ?? await openStorage("memory:", {
    clock,
    memory: {
      maxRuns: historyLimit ?? DEFAULT_HISTORY_LIMIT,
      maxBytes: historyBytes ?? DEFAULT_HISTORY_BYTES,
    },
  });
}

function keyOf(
  { file }: WorkflowFile,
  spec: WorkflowSpec,
  key: OpenWorkflowOptions["workflowKey"],
): string {
  if (key !== undefined) return typeof key === "string" ? key : key(spec);
  return workflowKeyOf(file);
}

type OpenWith = OpenWorkflowOptions & { readonly owner: Owner };

/** Reads and checks the whole of it as it is now. */
async function loadGeneration(
  source: WorkflowSource,
  version: number,
  options: OpenWith,
): Promise<GenerationParts> {
  return await atPlace(source, await source.load(), { ...options, version });
}

/** The workflow as a run began with it, over the files that are there today. */
async function loadSpec(
  source: WorkflowSource,
  spec: WorkflowSpec,
  options: OpenWith & { readonly version: number },
): Promise<GenerationParts> {
  const { dag, diagnostics } = compile(spec);
  if (dag === undefined) throw new WorkflowInvalidError(source.file, diagnostics);
  return await atPlace(source, { spec, dag, diagnostics }, options);
}

/** A version where it is at home. */
async function atPlace(
  source: WorkflowSource,
  graph: WorkflowGraph,
  options: OpenWith & { readonly version: number },
): Promise<GenerationParts> {
  if (source.place === undefined) return await withRunner(source, graph, options);
  await using taken = new AsyncDisposableStack();
  const { dir, workspace } = taken.use(await source.place(graph.spec));
  const containers = workspace === undefined
    ? options.containers
    : { ...options.containers, workspace };
  const parts = await withRunner({ dir, file: source.file }, graph, {
    ...options,
    ...containers === undefined ? {} : { containers },
  });
  const place = taken.move();
  return { ...parts, runner: endingWith(parts.runner, place) };
}

/** The runner, which lets go of something when it is disposed of. */
function endingWith(runner: WorkflowRunner, place: AsyncDisposable): WorkflowRunner {
  return {
    run: (call) => runner.run(call),
    runWith: (call, overrides) => runner.runWith(call, overrides),
    ready: () => runner.ready(),
    endRun: (runId) => runner.endRun(runId),
    stats: () => runner.stats(),
    async [Symbol.asyncDispose]() {
      try {
        await runner[Symbol.asyncDispose]();
      } finally {
        await place[Symbol.asyncDispose]();
      }
    },
  };
}

async function withRunner(
  { dir, file }: WorkflowFile,
  graph: WorkflowGraph,
  options: OpenWith & { readonly version: number },
): Promise<GenerationParts> {
  const loaded = await loadSecrets({
    dir,
    ...options.secretsPath === undefined ? {} : { path: options.secretsPath },
  });
  const secrets = withValues(loaded.secrets, options.secretValues);
  const redactor = createRedactor(secrets);
  const onWarning = (message: string) => options.onWarning?.(redactor.text(message));
  const runner = await (options.createRunner ?? createNodeRunner)({
    workflowDir: dir,
    dag: graph.dag,
    secrets,
    secretFiles: loaded.files,
    version: options.version,
    http: options.http ?? { kind: "live" },
    isBundled: isBuiltFile(file),
    sockets: options.sockets,
    hosts: options.hosts,
    tracing: options.tracing?.(redactor),
    ...options.maxHosts === undefined ? {} : { maxHosts: options.maxHosts },
    containers: () =>
      openContainers({
        ...options.containers,
        workflowDir: dir,
        config: graph.spec.config.values,
        secrets,
        redactor,
        clock: options.clock ?? systemClock,
        owner: options.owner,
        env: (name) => Deno.env.get(name),
        onWarning,
      }),
    scripts: () =>
      openScripts({
        ...options.scripts ?? { cwd: dir, env: Deno.env.toObject() },
        redactor,
        clock: options.clock ?? systemClock,
        owner: options.owner,
        onWarning,
      }),
    onWarning,
  });
  return {
    ...graph,
    executor: createExecutor(graph.spec.config.execution),
    runner,
    secrets,
    redactor,
    references: createSecretReferences(secrets),
    blocked: missingSecret(graph.dag, secrets),
  };
}

/** Computed, as the runtime loads what an import names literally: most workflows have neither. */
const CONTAINERS = new URL("../containers/mod.ts", import.meta.url).href;
const SCRIPTS = new URL("../scripts/mod.ts", import.meta.url).href;

async function openContainers(options: OpenContainersOptions): Promise<Containers> {
  const containers: typeof import("../containers/mod.ts") = await import(CONTAINERS);
  return containers.openContainers(options);
}

async function openScripts(options: OpenScriptsOptions): Promise<Scripts> {
  const scripts: typeof import("../scripts/mod.ts") = await import(SCRIPTS);
  return scripts.openScripts(options);
}

function withValues(secrets: Secrets, values: { readonly [key: string]: string } = {}): Secrets {
  const added = Object.entries(values).map(([key, value]) => [key, { ...secrets[key], value }]);
  return added.length === 0 ? secrets : { ...secrets, ...Object.fromEntries(added) };
}
