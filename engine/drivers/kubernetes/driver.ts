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
import { DriverRuns, orAborted } from "../driver_runs.ts";
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

/** Pods and volume claims of a cluster. */
export class KubernetesDriver implements Driver {
  readonly name = "kubernetes";
  readonly capabilities: Capabilities = CAPABILITIES;
  readonly gaps: Gaps = GAPS;
  readonly #context: KubernetesContext;
  readonly #helpers: VolumeHelpers;
  readonly #runs: DriverRuns;
  #ready: Promise<void> | undefined;

  constructor(context: KubernetesContext) {
    this.#context = context;
    this.#helpers = new VolumeHelpers(context);
    this.#runs = new DriverRuns((runId) => this.#remove(runId));
  }

  ready(): Promise<void> {
    return this.#ready ??= this.#ping().catch((error) => {
      this.#ready = undefined;
      throw error;
    });
  }

  run(task: TaskSpec, io: TaskIo): Promise<TaskResult> {
    return this.#runs.task(task, io, (signal) => runTask(this.#context, task, { ...io, signal }));
  }

  createVolume(request: VolumeRequest): Promise<Volume> {
    return this.#runs.track(request.runId, () => createVolume(this.#context, request));
  }

  copyIn(volume: Volume, tar: ReadableStream<Uint8Array>, signal?: AbortSignal): Promise<void> {
    return this.#runs.track(
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
    const podName = await this.#runs.track(
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
    return this.#runs.sandbox(
      sandbox.runId,
      (signal, onClose) => startSandbox(this.#context, sandbox, { signal, onClose }),
      signal,
    );
  }

  async endRun(runId: string): Promise<void> {
    await this.#runs.end(runId);
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
      await this.#runs.endAll();
    } finally {
      this.#context.client[Symbol.dispose]();
    }
  }

  /** Whoever asks stops waiting at their own signal, the pod itself with the run. */
  async #podOf(volume: Volume, signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    const end = this.#runs.endOf(volume.runId);
    return await orAborted(this.#helpers.podOf(volume, end), signal);
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

  async #remove(runId: string): Promise<void> {
    this.#helpers.forget(runId);
    try {
      await removeRun(this.#context, runId);
    } catch (error) {
      throw driverError(error);
    }
  }
}
