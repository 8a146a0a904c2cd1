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
import { DriverRuns } from "../driver_runs.ts";
import { CAPABILITIES } from "./capabilities.ts";
import { copyIn, copyOut } from "./copy.ts";
import type { DockerContext } from "./docker_context.ts";
import { startSandbox } from "./sandbox.ts";
import { removeRun, sweep } from "./sweep.ts";
import { runTask } from "./tasks.ts";
import { createVolume, removeVolume } from "./volumes.ts";

/** Containers of a Docker daemon, or of Podman, over the socket of its API. */
export class DockerDriver implements Driver {
  readonly name: string;
  readonly capabilities: Capabilities = CAPABILITIES;
  readonly gaps: Gaps = {};
  readonly #context: DockerContext;
  readonly #runs: DriverRuns;
  #ready: Promise<void> | undefined;

  constructor(context: DockerContext) {
    this.#context = context;
    this.name = context.driver;
    this.#runs = new DriverRuns((runId) => removeRun(context, runId));
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
      (signal) => copyIn(this.#context, volume, { tar, signal }),
      signal,
    );
  }

  async copyOut(volume: Volume, signal?: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    return await copyOut(this.#context, volume, signal);
  }

  async removeVolume(volume: Volume): Promise<void> {
    await removeVolume(this.#context, volume);
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
    return await sweep(this.#context);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#runs.endAll();
  }

  async #ping(): Promise<void> {
    const { body } = await this.#context.client.open({ method: "GET", path: "/_ping" });
    for await (const _ of body);
  }
}
