import type { CompiledDag } from "../compiler/mod.ts";
import type { Containers } from "../containers/mod.ts";
import type { HttpMode, Secrets } from "../context/mod.ts";
import type { NodeCall, NodeOutcome, NodeRunner } from "../executor/mod.ts";
import type { Scripts } from "../scripts/mod.ts";
import type { NodeTracing } from "./node_tracing.ts";
import type { CallOverrides } from "./pooled_call.ts";
import type { SocketPlaces } from "./socket_places.ts";

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
