import { createRedactor, type Redactor } from "../context/mod.ts";
import type { CompiledNode } from "../compiler/mod.ts";
import { CodedError } from "../errors/mod.ts";
import type { JsonObject } from "../json/mod.ts";
import type { CodeNodeSpec } from "../spec/mod.ts";
import type { ContainersOnDemand } from "./containers_on_demand.ts";
import type { NodeRunnerOptions, RunnerStats } from "./workflow_runner.ts";
import { fillCache, readModules, stampOf } from "./dependencies.ts";
import { hostConfig } from "./host_config.ts";
import { hostFlags } from "./host_flags.ts";
import { HostPool } from "./host_pool.ts";
import { keptPaths } from "./kept_paths.ts";
import type { HostNode, HostReady } from "./protocol.ts";
import type { Rights } from "./rights.ts";
import { makeSocketDir, socketBase, sweepSocketDirs } from "./socket_dir.ts";
import type { SocketPlaces } from "./socket_places.ts";

/** Nodes with the same rights: they share hosts. */
export interface RightsGroup {
  readonly rights: Rights;
  readonly nodes: CompiledNode[];
  /** By stage, how many of them may run at a time. */
  readonly width: number[];
}

/** What the hosts of a workflow are made of. */
export interface HostPoolsOptions extends Omit<NodeRunnerOptions, "containers" | "scripts"> {
  /** Symlinks resolved. */
  readonly workflowDir: string;
  readonly folderUrl: string;
  readonly secretPaths: readonly string[];
  /** Of the modules, by node. */
  readonly paths: ReadonlyMap<string, string>;
  readonly containers: ContainersOnDemand;
  readonly maxHosts: number;
  configOf(spec: CodeNodeSpec): JsonObject;
}

/** Sets of rights whose hosts start with the workflow; those of later stages start when theirs is near. */
const MAX_WARM_POOLS = 4;
/** How long the last host on demand stays without work. */
const LAST_IDLE_MS = 60_000;
/** Room in a frame beside the output itself. */
const FRAME_ROOM_BYTES = 1024 * 1024;

/** The hosts of one version of a workflow, by sets of rights, with the folders that they need. */
export class HostPools implements AsyncDisposable {
  readonly #dirs: string[] = [];
  #sweep: Promise<void> | undefined;
  readonly #pools: { readonly pool: HostPool; readonly width: number }[] = [];
  /** By position in `CompiledDag.nodes`. */
  readonly #poolOf: (HostPool | undefined)[] = [];

  private constructor() {}

  /**
   * Makes the pools; no host runs before `warm` or a call.
   *
   * @throws {CodedError} `DEPENDENCY_UNAVAILABLE`, `SPEC_VALUE`
   */
  static async open(
    groups: readonly RightsGroup[],
    options: HostPoolsOptions,
  ): Promise<HostPools> {
    const pools = new HostPools();
    try {
      if (groups.length > 0) await pools.#open(groups, options);
      return pools;
    } catch (error) {
      await pools[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The pool of a node, when it has one. */
  of(node: CompiledNode): HostPool | undefined {
    return this.#poolOf[node.index];
  }

  /** Starts the hosts of the first sets of rights; nodes are in the order of their stages. */
  warm(): void {
    for (const { pool, width } of this.#pools.slice(0, MAX_WARM_POOLS)) pool.warm(width);
  }

  /** A node runs: those that follow it will soon. `always` also where all sets of rights were started at once. */
  warmDependents(node: CompiledNode, options: { readonly always?: boolean } = {}): void {
    if (options.always !== true && this.#pools.length <= MAX_WARM_POOLS) return;
    for (const index of node.dependents) this.#poolOf[index]?.warm(1);
  }

  /**
   * Resolves when every module is imported in its host.
   *
   * @throws {CodedError} `NODE_INVALID`, `PERMISSION_DENIED`, `HOST_START_FAILED`
   */
  async ready(workflow: string): Promise<void> {
    for (const { pool } of this.#pools) {
      let problems: HostReady;
      try {
        problems = await pool.ready();
      } catch (cause) {
        throw new CodedError(
          "HOST_START_FAILED",
          `Cannot start the node hosts of "${workflow}" as their process does not come up: ` +
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
    await this.#sweep;
    for (const dir of this.#dirs) await Deno.remove(dir, { recursive: true }).catch(() => {});
  }

  async #open(groups: readonly RightsGroup[], options: HostPoolsOptions): Promise<void> {
    const { workflowDir, paths, secretPaths, dag } = options;
    const { maxOutputBytes } = dag.spec.config;
    const env = (name: string) => Deno.env.get(name);
    const modules = [...paths.values()];
    const grants = groups.flatMap(({ rights }) => [...rights.read, ...rights.write]);
    const base = await socketBase([workflowDir, ...grants], env);
    const dirs = await this.#makeDirs(base, groups.length, options.sockets);
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
    for (const { rights, nodes, width } of groups) {
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
            folderUrl: options.folderUrl,
            nodes: nodes.map((node): HostNode => ({
              id: node.id,
              url: fileUrl(paths.get(node.id)),
              config: options.configOf(node.spec as CodeNodeSpec),
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
        containers: options.containers,
        isUnchanged: async () => await stampOf(files) === stamp,
        maxHosts: options.maxHosts,
        onDemand: options.hosts === "on_demand"
          ? { lastIdleMs: options.lastIdleMs ?? LAST_IDLE_MS }
          : undefined,
        onWarning: options.onWarning,
      });
      this.#pools.push({ pool, width: Math.max(...width.filter((count) => count > 0)) });
      for (const node of nodes) this.#poolOf[node.index] = pool;
    }
  }

  /**
   * Makes folders that go with the pools, and sweeps up those that others left behind: one for configurations in
   * `base`, then one per set of rights, in `places` where there are any.
   */
  async #makeDirs(base: string, sets: number, places?: SocketPlaces): Promise<readonly string[]> {
    this.#sweep = sweepSocketDirs(base);
    this.#dirs.push(await makeSocketDir(base));
    for (let i = 0; i < sets; i++) {
      this.#dirs.push(await (places?.take() ?? makeSocketDir(base)));
    }
    return this.#dirs;
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** The address of a module for the runtime. */
export function fileUrl(path: string | undefined): string {
  return `file://${encodeURI(path ?? "")}`;
}
