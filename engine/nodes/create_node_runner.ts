import {
  createRedactor,
  type HttpMode,
  type Redactor,
  secretPlaces,
  type Secrets,
} from "../context/mod.ts";
import { type CompiledDag, type CompiledNode, everyNode } from "../compiler/mod.ts";
import type { Containers } from "../containers/mod.ts";
import { CodedError, PdError } from "../errors/mod.ts";
import { type NodeCall, type NodeOutcome, type NodeRunner, recordOf } from "../executor/mod.ts";
import type { JsonObject } from "../json/mod.ts";
import type { CodeNodeSpec } from "../spec/mod.ts";
import type { Scripts } from "../scripts/mod.ts";
import { checkFolder, checkModule } from "./check_folder.ts";
import { ContainersOnDemand } from "./containers_on_demand.ts";
import { fillCache, readModules, stampOf } from "./dependencies.ts";
import { hostConfig } from "./host_config.ts";
import { hostFlags } from "./host_flags.ts";
import { HostPool } from "./host_pool.ts";
import { keptPaths } from "./kept_paths.ts";
import type { NodeTracing } from "./node_tracing.ts";
import { makeSocketDir, socketBase, sweepSocketDirs } from "./socket_dir.ts";
import { type SocketPlaces, SOCKETS_PER_FOLDER } from "./socket_places.ts";
import { type InlineNode, InlineRunner } from "./inline_runner.ts";
import type { CallOverrides } from "./pooled_call.ts";
import type { HostNode, HostReady } from "./protocol.ts";
import { type Rights, rightsKey, rightsOf } from "./rights.ts";
import { ScriptsOnDemand } from "./scripts_on_demand.ts";

/** What a runner is made for: one version of one workflow. */
export interface NodeRunnerOptions {
  readonly workflowDir: string;
  readonly dag: CompiledDag;
  readonly secrets: Secrets;
  /** Files and folders that no node may read. */
  readonly secretFiles: readonly string[];
  readonly http: HttpMode;
  /** Whether its modules hold their packages already, as in an image: there is nothing to fetch, nor a cache for it. */
  readonly isBundled?: boolean;
  /** Hosts per set of rights; the number of cores, and at least 2, when not given. */
  readonly maxHosts?: number;
  /**
   * When hosts run: `ready` ahead of need, one of each set of rights at least; or `on_demand`, which starts none
   * before a call needs it, and finds out only then that a module cannot be loaded.
   */
  readonly hosts?: "ready" | "on_demand" | undefined;
  /** How long the last host on demand stays without work; a minute by default. */
  readonly lastIdleMs?: number | undefined;
  /** Where sockets of hosts go, when the engine has a right to those alone. */
  readonly sockets?: SocketPlaces | undefined;
  /** Tells modules of one load from those of the next, for nodes inside the engine. */
  readonly version?: number;
  /** Connects requests with the trace of their run; left out while tracing is off. */
  readonly tracing?: NodeTracing | undefined;
  /** Opens what runs in containers, on first use; without it nothing does. */
  readonly containers?: (() => Promise<Containers>) | undefined;
  /** Opens what runs scripts, on first use; without it nothing does. */
  readonly scripts?: (() => Promise<Scripts>) | undefined;
  /** What a host says that belongs to no call. */
  onWarning(message: string): void;
}

/** Runs the nodes of one version of a workflow. Disposing it kills its hosts. */
export interface WorkflowRunner extends NodeRunner, AsyncDisposable {
  /**
   * Resolves when every module is imported in its host.
   *
   * @throws {CodedError} `NODE_INVALID`, `PERMISSION_DENIED`, `HOST_START_FAILED`
   */
  ready(): Promise<void>;
  /** One attempt with a configuration, secrets or answers of its own. */
  runWith(call: NodeCall, overrides: CallOverrides): Promise<NodeOutcome>;
  /** Removes what a run has made in containers and by scripts; at once when there is nothing. */
  endRun(runId: string): Promise<void>;
  stats(): RunnerStats;
}

/** What a runner holds at this moment. */
export interface RunnerStats {
  /** Process ids of its hosts. */
  readonly pids: readonly number[];
  readonly hosts: number;
  readonly busyHosts: number;
  /** Calls that wait or run in hosts. */
  readonly calls: number;
}

/** Sets of rights whose hosts start with the workflow; those of later stages start when theirs is near. */
const MAX_WARM_POOLS = 4;
/** How long the last host on demand stays without work. */
const LAST_IDLE_MS = 60_000;
/** Room in a frame beside the output itself. */
const FRAME_ROOM_BYTES = 1024 * 1024;

/**
 * Checks a workflow's folder and modules, and starts the hosts of its first stages without waiting for
 * them.
 *
 * @throws {CodedError} `PATH_ESCAPE`, `NODE_NOT_FOUND`, `NOT_AVAILABLE`, `DEPENDENCY_UNAVAILABLE`, `NODE_INVALID`
 */
export async function createNodeRunner(options: NodeRunnerOptions): Promise<WorkflowRunner> {
  const { dag } = options;
  refuseUnavailable(options);
  const containers = new ContainersOnDemand(options.containers, dag.spec.config.values);
  const scripts = new ScriptsOnDemand(options.scripts);
  const codeNodes = dag.nodes.filter(({ spec }) => spec.kind === "code");
  const workflowDir = await Deno.realPath(options.workflowDir);
  const secretPaths = secretPlaces(workflowDir, options.secretFiles);
  if (codeNodes.length > 0) checkFolder(workflowDir, secretPaths);
  const folderUrl = `file://${encodeURI(workflowDir)}/`;
  const paths = new Map<string, string>();
  for (const node of codeNodes) {
    const spec = node.spec as CodeNodeSpec;
    paths.set(node.id, checkModule(workflowDir, node.id, spec.path));
  }

  const version = options.version ?? 1;
  const inline: InlineNode[] = [];
  const groups = new Map<string, { rights: Rights; nodes: CompiledNode[]; width: number[] }>();
  for (const node of codeNodes) {
    const spec = node.spec as CodeNodeSpec;
    const isClosed = options.http.kind === "answer";
    const rights = rightsOf(spec, { workflowDir, secrets: options.secrets, isClosed });
    if (spec.isolation === "none") {
      const url = fileUrl(paths.get(node.id)) + (version > 1 ? `?v=${version}` : "");
      inline.push({ node, url, config: configOf(dag, spec), secrets: rights.secrets });
      continue;
    }
    const key = rightsKey(rights);
    const group = groups.get(key) ?? { rights, nodes: [], width: [] };
    group.nodes.push(node);
    group.width[node.stage] = (group.width[node.stage] ?? 0) + 1;
    groups.set(key, group);
  }

  const { maxOutputBytes } = dag.spec.config;
  const inlineRunner = new InlineRunner(inline, {
    folderUrl,
    services: dag.spec.services,
    maxOutputBytes,
    http: options.http,
    tracing: options.tracing,
    containers,
  });
  const runner = new PooledRunner(dag, { inline: inlineRunner, containers, scripts });
  if (groups.size === 0) return runner;

  const env = (name: string) => Deno.env.get(name);
  try {
    const modules = [...paths.values()];
    const grants = [...groups.values()].flatMap(({ rights }) => [...rights.read, ...rights.write]);
    const base = await socketBase([workflowDir, ...grants], env);
    const dirs = await runner.makeDirs(base, groups.size, options.sockets);
    const configDir = dirs[0] ?? base;
    const config = JSON.stringify(await hostConfig(workflowDir));
    const { files, needsPackages } = await readModules(modules);
    if (needsPackages && options.isBundled !== true) {
      await Deno.writeTextFile(`${configDir}/deno.json`, config);
      await fillCache(`${configDir}/deno.json`, modules);
    }
    const stamp = await stampOf(files);
    let redactor: Redactor | undefined;
    let index = 0;
    for (const { rights, nodes, width } of groups.values()) {
      const socketDir = dirs[++index] ?? base;
      // Each has a file of its own, as the runtime finds what a page would store by the name of it.
      const configPath = `${configDir}/${index}.json`;
      await Deno.writeTextFile(configPath, config);
      const places = {
        workflowDir,
        configPath,
        secretPaths,
        enginePaths: dirs.filter((dir) => dir !== socketDir),
        keptPaths: keptPaths(rights.write, { workflowDir, files }, env),
      };
      hostFlags(rights, { ...places, socketPath: "" });
      const pool = new HostPool({
        launch: {
          socketDir,
          hasNumberedSockets: options.sockets !== undefined,
          flags: (socketPath) => hostFlags(rights, { ...places, socketPath }),
          memoryBytes: rights.memoryBytes,
          maxPayloadBytes: maxOutputBytes + FRAME_ROOM_BYTES,
          init: {
            workflow: dag.spec.name,
            version: dag.spec.version,
            folderUrl,
            nodes: nodes.map((node): HostNode => ({
              id: node.id,
              url: fileUrl(paths.get(node.id)),
              config: configOf(dag, node.spec as CodeNodeSpec),
            })),
            services: dag.spec.services,
            secrets: rights.secrets,
            maxOutputBytes,
            http: options.http.kind,
          },
          redactor: () => redactor ??= createRedactor(options.secrets),
        },
        http: options.http,
        tracing: options.tracing,
        containers,
        isUnchanged: async () => await stampOf(files) === stamp,
        maxHosts: maxHostsOf(options),
        onDemand: options.hosts === "on_demand"
          ? { lastIdleMs: options.lastIdleMs ?? LAST_IDLE_MS }
          : undefined,
        onWarning: options.onWarning,
      });
      runner.add(pool, nodes, Math.max(...width.filter((count) => count > 0)));
    }
    runner.warm();
    return runner;
  } catch (error) {
    await runner[Symbol.asyncDispose]();
    throw error;
  }
}

/** What runs nodes that have no host. */
interface Elsewhere {
  readonly inline: InlineRunner;
  readonly containers: ContainersOnDemand;
  readonly scripts: ScriptsOnDemand;
}

/**
 * Hands each call to the pool of its node, to the engine itself for `isolation: none`, to the containers, or to
 * the scripts.
 */
class PooledRunner implements WorkflowRunner {
  readonly #dirs: string[] = [];
  #sweep: Promise<void> | undefined;
  readonly #inline: InlineRunner;
  readonly #dag: CompiledDag;
  readonly #containers: ContainersOnDemand;
  readonly #scripts: ScriptsOnDemand;
  readonly #pools: { readonly pool: HostPool; readonly width: number }[] = [];
  /** By position in `CompiledDag.nodes`. */
  readonly #poolOf: (HostPool | undefined)[] = [];

  constructor(dag: CompiledDag, { inline, containers, scripts }: Elsewhere) {
    this.#containers = containers;
    this.#scripts = scripts;
    this.#dag = dag;
    this.#inline = inline;
  }

  /**
   * Makes folders that go with the runner, and sweeps up those that others left behind: one for configurations in
   * `base`, then one per set of rights, in `places` where there are any.
   */
  async makeDirs(base: string, sets: number, places?: SocketPlaces): Promise<readonly string[]> {
    this.#sweep = sweepSocketDirs(base);
    this.#dirs.push(await makeSocketDir(base));
    for (let i = 0; i < sets; i++) {
      this.#dirs.push(await (places?.take() ?? makeSocketDir(base)));
    }
    return this.#dirs;
  }

  add(pool: HostPool, nodes: readonly CompiledNode[], width: number): void {
    this.#pools.push({ pool, width });
    for (const node of nodes) this.#poolOf[node.index] = pool;
  }

  /** Starts the hosts of the first sets of rights; nodes are in the order of their stages. */
  warm(): void {
    for (const { pool, width } of this.#pools.slice(0, MAX_WARM_POOLS)) pool.warm(width);
  }

  run(call: NodeCall): Promise<NodeOutcome> {
    return this.runWith(call, NO_OVERRIDES);
  }

  runWith(call: NodeCall, overrides: CallOverrides): Promise<NodeOutcome> {
    const pool = this.#poolOf[call.node.index];
    if (pool === undefined) return this.#runElsewhere(call, overrides);
    if (this.#pools.length > MAX_WARM_POOLS) this.#warmDependents(call.node);
    return pool.run(call, overrides);
  }

  async ready(): Promise<void> {
    await this.#inline.ready();
    for (const { pool } of this.#pools) {
      let problems: HostReady;
      try {
        problems = await pool.ready();
      } catch (cause) {
        throw new CodedError(
          "HOST_START_FAILED",
          `Cannot start the node hosts of "${this.#dag.spec.name}" as their process does not come up: ` +
            (cause as Error).message,
          { fix: "pd doctor", cause },
        );
      }
      const [problem] = problems;
      if (problem === undefined) continue;
      const { code, message, fix, stack } = problem.failure.error;
      const text = stack === undefined ? message : `${message}\n${stack}`;
      throw new CodedError(code as CodedError["code"], text, fix === undefined ? {} : { fix });
    }
  }

  async endRun(runId: string): Promise<void> {
    await Promise.all([this.#containers.endRun(runId), this.#scripts.endRun(runId)]);
  }

  stats(): RunnerStats {
    const pools = this.#pools.map(({ pool }) => pool);
    return {
      pids: pools.flatMap((pool) => pool.pids),
      hosts: sum(pools.map((pool) => pool.pids.length)),
      busyHosts: sum(pools.map((pool) => pool.busyHosts)),
      calls: sum(pools.map((pool) => pool.calls)),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#pools.map(({ pool }) => pool[Symbol.asyncDispose]()));
    await this.#containers[Symbol.asyncDispose]();
    await this.#scripts[Symbol.asyncDispose]();
    await this.#sweep;
    for (const dir of this.#dirs) await Deno.remove(dir, { recursive: true }).catch(() => {});
  }

  async #runElsewhere(call: NodeCall, overrides: CallOverrides): Promise<NodeOutcome> {
    const { spec } = call.node;
    if (spec.kind !== "container" && spec.kind !== "script") {
      return await this.#inline.run(call, overrides);
    }
    if (this.#pools.length > 0) this.#warmDependents(call.node);
    try {
      if (spec.kind === "script") return await (await this.#scripts.get()).runNode(call, spec);
      return await (await this.#containers.get()).runNode(call, spec);
    } catch (error) {
      if (!(error instanceof PdError)) throw error;
      return { status: "failed", error: recordOf(error), retry: { kind: "never" } };
    }
  }

  #warmDependents(node: CompiledNode): void {
    for (const index of node.dependents) this.#poolOf[index]?.warm(1);
  }
}

const NO_OVERRIDES: CallOverrides = {};

function maxHostsOf({ maxHosts, sockets }: NodeRunnerOptions): number {
  const wanted = maxHosts ?? Math.max(2, navigator.hardwareConcurrency);
  return sockets === undefined ? wanted : Math.min(wanted, SOCKETS_PER_FOLDER);
}

function refuseUnavailable({ dag, containers, scripts }: NodeRunnerOptions): void {
  for (const { id, spec } of everyNode(dag)) {
    if (spec.kind === "code" || spec.kind === "container" && containers !== undefined) continue;
    if (spec.kind === "script" && scripts !== undefined) continue;
    const what = spec.kind === "workflow" ? "sub-workflow" : spec.kind;
    throw new CodedError(
      "NOT_AVAILABLE",
      `Cannot run node "${id}" as this engine runs no such nodes: it is a ${what} node`,
      { fix: `Give nodes.${id} a "path" to a TypeScript module in workflow.yaml` },
    );
  }
}

function configOf(dag: CompiledDag, spec: CodeNodeSpec): JsonObject {
  return { ...dag.spec.config.values, ...spec.config };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function fileUrl(path: string | undefined): string {
  return `file://${encodeURI(path ?? "")}`;
}
