import { type Clock, systemClock } from "../clock/mod.ts";
import { type Driver, openDriver, type OpenDriverOptions } from "../drivers/mod.ts";
import { CodedError } from "../errors/mod.ts";
import type { NodeCall, NodeOutcome } from "../executor/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import { type ContainerNodeSpec, parseBytes } from "../spec/mod.ts";
import { currentOwner, dataDir, type Owner } from "../storage/mod.ts";
import { type PackProgress, packWorkspace, type WorkspaceSource } from "../workspace/mod.ts";
import { answerAsk } from "./answer_ask.ts";
import { AskContext } from "./ask_context.ts";
import type { Asked, Containers, ContainersOptions, Tell } from "./containers.ts";
import { DriverPool } from "./driver_pool.ts";
import type { EngineParts } from "./engine_parts.ts";
import { findSource, keepSource } from "./kept_source.ts";
import { runContainerNode } from "./run_container_node.ts";
import { RunScope } from "./run_scope.ts";
import { saveOutput } from "./save_output.ts";

/** Largest output of a node, unless `config.max_output` says otherwise. */
const DEFAULT_MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/** What the containers of a workflow are opened with. */
export interface OpenContainersOptions extends ContainersOptions {
  readonly clock?: Clock;
  /** Whom everything that is made belongs to; this process by default. */
  readonly owner?: Owner;
  /** Of this process by default. */
  readonly env?: (name: string) => string | undefined;
  /** What relative paths of addresses are relative to; the current folder by default. */
  readonly cwd?: string;
  /** Opens drivers; tests hand in a fake one. */
  readonly open?: (address: string, options: OpenDriverOptions) => Promise<Driver>;
}

/** The containers of one version of a workflow. Nothing is opened or asked before the first step. */
export function openContainers(options: OpenContainersOptions): Containers {
  return new WorkflowContainers(options);
}

class WorkflowContainers implements Containers {
  readonly #options: OpenContainersOptions;
  readonly #parts: EngineParts;
  readonly #scopes = new Map<string, RunScope>();
  readonly #ending = new Map<string, Promise<void>>();
  /** Whose volumes a driver's cache keeps: known with the first call. */
  #workflow = "";
  #isClosed = false;

  constructor(options: OpenContainersOptions) {
    this.#options = options;
    const maxOutput = options.config["max_output"];
    this.#parts = {
      settings: options,
      config: options.config,
      secrets: options.secrets,
      redactor: options.redactor,
      clock: options.clock ?? systemClock,
      pool: new DriverPool((address) => this.#openDriver(address)),
      maxOutputBytes: parseBytes(String(maxOutput)) ?? DEFAULT_MAX_OUTPUT_BYTES,
      scopeOf: (call) => this.#scopeOf(call),
    };
  }

  async runNode(call: NodeCall, spec: ContainerNodeSpec): Promise<NodeOutcome> {
    if (call.signal.aborted) return { status: "cancelled" };
    return await runContainerNode(call, spec, this.#parts);
  }

  async ask(call: NodeCall, asked: Asked, tell: Tell): Promise<JsonValue> {
    return await answerAsk(new AskContext(call, asked, { tell, parts: this.#parts }));
  }

  async endRun(runId: string): Promise<void> {
    const scope = this.#scopes.get(runId);
    if (scope === undefined) return;
    let ending = this.#ending.get(runId);
    if (ending === undefined) {
      ending = this.#end(scope).finally(() => {
        this.#scopes.delete(runId);
        this.#ending.delete(runId);
      });
      this.#ending.set(runId, ending);
    }
    await ending;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    const ended = await Promise.allSettled([...this.#scopes.keys()].map((id) => this.endRun(id)));
    await this.#parts.pool[Symbol.asyncDispose]();
    for (const each of ended) if (each.status === "rejected") throw each.reason;
  }

  /** Stops what goes on, saves what is to be kept, and removes the rest, whatever fails meanwhile. */
  async #end(scope: RunScope): Promise<void> {
    await scope.stop();
    const problems: unknown[] = [];
    try {
      await saveOutput(scope, this.#options.outputDir);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#options.onWarning(
        `The volume "output" of run ${scope.id} is not, or not all, in "${this.#options.outputDir}": ${why}`,
      );
    }
    for (const { driver } of scope.places.values()) {
      try {
        await driver.endRun(scope.id);
      } catch (error) {
        problems.push(error);
      }
    }
    if (problems.length > 0) throw problems[0];
  }

  #scopeOf({ run, node }: NodeCall): RunScope {
    if (this.#isClosed || this.#ending.has(run.id)) {
      throw new CodedError(
        "NOT_AVAILABLE",
        `Cannot run anything of node "${node.id}" in a container as its run must be on: it is over`,
        { fix: "Start the workflow again" },
      );
    }
    this.#workflow ||= run.workflow;
    let scope = this.#scopes.get(run.id);
    if (scope === undefined) {
      scope = this.#newScope(run.id, run.isResumed === true);
      this.#scopes.set(run.id, scope);
    }
    return scope;
  }

  #newScope(runId: string, isResumed: boolean): RunScope {
    let last: PackProgress = { files: 0, bytes: 0 };
    const onProgress = (progress: PackProgress, isDone: boolean) => {
      last = progress;
      this.#options.onProgress?.({ ...progress, isDone });
    };
    return new RunScope(runId, {
      source: async (signal) => {
        const workspace = await this.#sourceOf(runId, isResumed);
        return workspace && this.#pack(workspace, signal, (p) => onProgress(p, false));
      },
      onFilled: () => onProgress(last, true),
    });
  }

  /** What a run's workspace is filled from: the same when it is taken up again, wherever one is then. */
  async #sourceOf(runId: string, isResumed: boolean): Promise<WorkspaceSource | undefined> {
    const { workspace } = this.#options;
    const dir = this.#dataDir;
    if (isResumed) {
      const kept = dir === undefined ? undefined : await findSource(dir, runId);
      if (kept !== undefined) return kept === "none" ? undefined : kept;
      if (workspace !== undefined) {
        this.#options.onWarning(
          `The workspace is filled from "${workspace.dir}": what run ${runId} began with is not known here`,
        );
      }
      return workspace;
    }
    try {
      if (dir !== undefined) await keepSource(dir, runId, workspace ?? "none");
    } catch (error) {
      this.#options.onWarning(
        `Cannot note what the workspace of run ${runId} is filled from, should it be taken up again: ${error}`,
      );
    }
    return workspace;
  }

  /** Where things are kept for later; undefined where there is no such place. */
  get #dataDir(): string | undefined {
    return this.#options.dataDir ??
      dataDir(this.#options.env ?? ((name) => Deno.env.get(name)));
  }

  #pack(
    source: WorkspaceSource,
    signal: AbortSignal,
    onProgress: (progress: PackProgress) => void,
  ): ReadableStream<Uint8Array> {
    const onWarning = (message: string) => this.#options.onWarning(message);
    return packWorkspace(source, { signal, onProgress, onWarning });
  }

  async #openDriver(address: string): Promise<Driver> {
    const { open = openDriver, owner = currentOwner() } = this.#options;
    const env = this.#options.env ?? ((name) => Deno.env.get(name));
    return await open(address, {
      clock: this.#parts.clock,
      owner,
      env,
      cwd: this.#options.cwd ?? Deno.cwd(),
      dataDir: this.#options.dataDir ?? dataDir(env) ?? `${env("TMPDIR") ?? "/tmp"}/pipedreamer`,
      ...this.#workflow === "" ? {} : { cacheScope: this.#workflow },
      onWarning: (message) => this.#options.onWarning(message),
    });
  }
}
