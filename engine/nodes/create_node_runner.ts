import { secretPlaces } from "../context/mod.ts";
import { type CompiledDag, everyNode } from "../compiler/mod.ts";
import { CodedError, PdError } from "../errors/mod.ts";
import { type NodeCall, type NodeOutcome, recordOf } from "../executor/mod.ts";
import type { JsonObject } from "../json/mod.ts";
import type { CodeNodeSpec } from "../spec/mod.ts";
import { checkFolder, checkModule } from "./check_folder.ts";
import { ContainersOnDemand } from "./containers_on_demand.ts";
import { hostFlags } from "./host_flags.ts";
import { fileUrl, HostPools, type RightsGroup } from "./host_pools.ts";
import { type InlineNode, InlineRunner } from "./inline_runner.ts";
import { CANCELLED } from "./outcomes.ts";
import type { CallOverrides } from "./pooled_call.ts";
import { rightsKey, rightsOf } from "./rights.ts";
import { ScriptsOnDemand } from "./scripts_on_demand.ts";
import { SOCKETS_PER_FOLDER } from "./socket_places.ts";
import type { NodeRunnerOptions, RunnerStats, WorkflowRunner } from "./workflow_runner.ts";

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
  const groups = new Map<string, RightsGroup>();
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
  const open = () =>
    HostPools.open([...groups.values()], {
      ...options,
      workflowDir,
      folderUrl,
      secretPaths,
      paths,
      containers,
      maxHosts: maxHostsOf(options),
      configOf: (spec) => configOf(dag, spec),
    });
  const elsewhere = { inline: inlineRunner, containers, scripts };
  if (options.hosts === "on_demand") {
    const places = { workflowDir, secretPaths, socketPath: "", configPath: "" };
    for (const { rights } of groups.values()) {
      hostFlags(rights, { ...places, enginePaths: [], keptPaths: [] });
    }
    return new PooledRunner(dag, elsewhere, open);
  }
  const pools = await open();
  pools.warm();
  return new PooledRunner(dag, elsewhere, pools);
}

/** What runs nodes that have no host. */
interface Elsewhere {
  readonly inline: InlineRunner;
  readonly containers: ContainersOnDemand;
  readonly scripts: ScriptsOnDemand;
}

/** How calls reach hosts: they are there, come with the first call that needs one, or there are none. */
type OpenPools = () => Promise<HostPools>;

/**
 * Hands each call to the pool of its node, to the engine itself for `isolation: none`, to the containers, or to
 * the scripts.
 */
class PooledRunner implements WorkflowRunner {
  readonly #inline: InlineRunner;
  readonly #dag: CompiledDag;
  readonly #containers: ContainersOnDemand;
  readonly #scripts: ScriptsOnDemand;
  #pools: HostPools | undefined;
  readonly #openPools: OpenPools;
  #opening: Promise<HostPools> | undefined;
  #isClosed = false;

  constructor(
    dag: CompiledDag,
    { inline, containers, scripts }: Elsewhere,
    pools: HostPools | OpenPools,
  ) {
    this.#containers = containers;
    this.#scripts = scripts;
    this.#dag = dag;
    this.#inline = inline;
    if (pools instanceof HostPools) this.#pools = pools;
    this.#openPools = pools instanceof HostPools ? () => Promise.resolve(pools) : pools;
  }

  run(call: NodeCall): Promise<NodeOutcome> {
    return this.runWith(call, NO_OVERRIDES);
  }

  runWith(call: NodeCall, overrides: CallOverrides): Promise<NodeOutcome> {
    const pool = this.#pools?.of(call.node);
    if (pool === undefined) return this.#runElsewhere(call, overrides);
    this.#pools?.warmDependents(call.node);
    return pool.run(call, overrides);
  }

  async ready(): Promise<void> {
    await this.#inline.ready();
    await this.#pools?.ready(this.#dag.spec.name);
  }

  async endRun(runId: string): Promise<void> {
    await Promise.all([this.#containers.endRun(runId), this.#scripts.endRun(runId)]);
  }

  stats(): RunnerStats {
    return this.#pools?.stats() ?? { pids: [], hosts: 0, busyHosts: 0, calls: 0 };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await this.#opening?.catch(() => {});
    await this.#pools?.[Symbol.asyncDispose]();
    await this.#containers[Symbol.asyncDispose]();
    await this.#scripts[Symbol.asyncDispose]();
  }

  async #runElsewhere(call: NodeCall, overrides: CallOverrides): Promise<NodeOutcome> {
    const { spec } = call.node;
    try {
      if (spec.kind === "container" || spec.kind === "script") {
        this.#pools?.warmDependents(call.node, { always: true });
      }
      if (spec.kind === "container") {
        return await (await this.#containers.get()).runNode(call, spec);
      }
      if (spec.kind === "script") return await (await this.#scripts.get()).runNode(call, spec);
      if (spec.kind === "code" && spec.isolation !== "none" && this.#pools === undefined) {
        return await this.#runLater(call, overrides);
      }
    } catch (error) {
      if (!(error instanceof PdError)) throw error;
      return { status: "failed", error: recordOf(error), retry: { kind: "never" } };
    }
    return await this.#inline.run(call, overrides);
  }

  /** The first call opens the pools; when that fails, the next one tries again. */
  async #runLater(call: NodeCall, overrides: CallOverrides): Promise<NodeOutcome> {
    if (this.#isClosed) return CANCELLED;
    this.#opening ??= this.#openPools().then(
      (pools) => this.#pools = pools,
    ).finally(() => this.#opening = undefined);
    const pools = await this.#opening;
    return await (pools.of(call.node)?.run(call, overrides) ?? CANCELLED);
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
