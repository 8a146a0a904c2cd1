import type { Capabilities, Gaps } from "../capabilities.ts";
import type {
  Driver,
  Sandbox,
  SandboxSpec,
  TaskIo,
  TaskResult,
  TaskSpec,
  Volume,
  VolumeRequest,
} from "../driver.ts";
import { DriverError } from "../driver_error.ts";
import { CAPABILITIES, GAPS } from "./capabilities.ts";
import { copyIn, copyOut, VolumeHelpers } from "./copy.ts";
import { driverError } from "./driver_errors.ts";
import type { KubernetesContext } from "./kubernetes_context.ts";
import { OF_ALL } from "./labels.ts";
import { podPath } from "./pods.ts";
import { startSandbox } from "./sandbox.ts";
import { removeRun, sweep } from "./sweep.ts";
import { runTask } from "./tasks.ts";
import { createVolume, deleteVolume } from "./volumes.ts";

/** What goes on for one run. */
interface RunState {
  readonly ending: AbortController;
  /** By id: what was asked before is not done again. */
  readonly tasks: Map<string, Promise<TaskResult>>;
  /** What must settle before nothing new is made. */
  readonly pending: Set<Promise<unknown>>;
  readonly sandboxes: Set<Sandbox>;
  /** Something may have been made; not so when the cluster never answered. */
  isUsed: boolean;
}

/** Pods and volume claims of a cluster. */
export class KubernetesDriver implements Driver {
  readonly name = "kubernetes";
  readonly capabilities: Capabilities = CAPABILITIES;
  readonly gaps: Gaps = GAPS;
  readonly #context: KubernetesContext;
  readonly #helpers: VolumeHelpers;
  readonly #runs = new Map<string, RunState>();
  #ready: Promise<void> | undefined;

  constructor(context: KubernetesContext) {
    this.#context = context;
    this.#helpers = new VolumeHelpers(context);
  }

  ready(): Promise<void> {
    return this.#ready ??= this.#ping().catch((error) => {
      this.#ready = undefined;
      throw error;
    });
  }

  async run(task: TaskSpec, io: TaskIo): Promise<TaskResult> {
    const { tasks } = this.#stateOf(task.runId);
    const known = tasks.get(task.id);
    if (known !== undefined) return await orAborted(known, io.signal);
    const started = this.#track(
      task.runId,
      (signal) => runTask(this.#context, task, { ...io, signal }),
      io.signal,
    );
    tasks.set(task.id, started);
    try {
      return await started;
    } catch (error) {
      // What did not run to its end may be tried again.
      tasks.delete(task.id);
      throw error;
    }
  }

  createVolume(request: VolumeRequest): Promise<Volume> {
    return this.#track(request.runId, () => createVolume(this.#context, request));
  }

  copyIn(volume: Volume, tar: ReadableStream<Uint8Array>, signal?: AbortSignal): Promise<void> {
    return this.#track(
      volume.runId,
      async (signal) => {
        try {
          const podName = await this.#podOf(volume, signal);
          await copyIn(this.#context, podName, { volume, tar, signal });
        } catch (error) {
          throw driverError(error);
        } finally {
          // Whoever made it need not wait for somebody to read on.
          if (!tar.locked) await tar.cancel().catch(() => {});
        }
      },
      signal,
    );
  }

  async copyOut(volume: Volume, signal?: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const podName = await this.#track(
      volume.runId,
      (signal) => this.#podOf(volume, signal),
      signal,
    );
    try {
      return await copyOut(this.#context, podName, { volume, signal });
    } catch (error) {
      throw driverError(error);
    }
  }

  async removeVolume(volume: Volume): Promise<void> {
    try {
      await this.#helpers.remove(volume);
      await deleteVolume(this.#context, volume.id);
    } catch (error) {
      throw driverError(error);
    }
  }

  startSandbox(sandbox: SandboxSpec, signal?: AbortSignal): Promise<Sandbox> {
    const { sandboxes } = this.#stateOf(sandbox.runId);
    return this.#track(sandbox.runId, async (signal) => {
      const started = await startSandbox(this.#context, sandbox, {
        signal,
        onClose: () => void sandboxes.delete(started),
      });
      sandboxes.add(started);
      return started;
    }, signal);
  }

  async endRun(runId: string): Promise<void> {
    const state = this.#runs.get(runId);
    if (state === undefined) return;
    this.#runs.delete(runId);
    state.ending.abort(new DOMException("The run is over", "AbortError"));
    await Promise.allSettled(state.pending);
    await Promise.allSettled([...state.sandboxes].map((sandbox) => sandbox[Symbol.asyncDispose]()));
    this.#helpers.forget(runId);
    try {
      await removeRun(this.#context, runId);
    } catch (error) {
      if (state.isUsed || !isUnavailable(driverError(error))) throw driverError(error);
    }
  }

  async sweep(): Promise<number> {
    try {
      return await sweep(this.#context);
    } catch (error) {
      throw driverError(error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await Promise.all([...this.#runs.keys()].map((runId) => this.endRun(runId)));
    } finally {
      this.#context.client[Symbol.dispose]();
    }
  }

  /** Whoever asks stops waiting at their own signal, the pod itself with the run. */
  async #podOf(volume: Volume, signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    const { ending } = this.#stateOf(volume.runId);
    return await orAborted(this.#helpers.podOf(volume, ending.signal), signal);
  }

  async #ping(): Promise<void> {
    try {
      await this.#context.client.ask({
        method: "GET",
        path: podPath(this.#context),
        query: { limit: "1", labelSelector: OF_ALL },
      });
    } catch (error) {
      throw driverError(error);
    }
  }

  /** Does something for a run, which ends when the run does. */
  async #track<T>(
    runId: string,
    work: (signal: AbortSignal) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const state = this.#stateOf(runId);
    const { ending, pending } = state;
    const both = signal === undefined ? ending.signal : AbortSignal.any([signal, ending.signal]);
    const working = work(both);
    pending.add(working);
    try {
      const result = await working;
      state.isUsed = true;
      return result;
    } catch (error) {
      state.isUsed ||= !isUnavailable(error);
      throw error;
    } finally {
      pending.delete(working);
    }
  }

  #stateOf(runId: string): RunState {
    const known = this.#runs.get(runId);
    if (known !== undefined) return known;
    const state: RunState = {
      ending: new AbortController(),
      tasks: new Map(),
      pending: new Set(),
      sandboxes: new Set(),
      isUsed: false,
    };
    this.#runs.set(runId, state);
    return state;
  }
}

function isUnavailable(error: unknown): boolean {
  return error instanceof DriverError && error.code === "DRIVER_UNAVAILABLE";
}

async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
