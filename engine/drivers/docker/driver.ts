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
import { CAPABILITIES } from "./capabilities.ts";
import { copyIn, copyOut } from "./copy.ts";
import type { DockerContext } from "./docker_context.ts";
import { startSandbox } from "./sandbox.ts";
import { removeRun, sweep } from "./sweep.ts";
import { runTask } from "./tasks.ts";
import { createVolume, removeVolume } from "./volumes.ts";

/** What goes on for one run. */
interface RunState {
  readonly ending: AbortController;
  /** By id: what was asked before is not done again. */
  readonly tasks: Map<string, Promise<TaskResult>>;
  /** What must settle before nothing new is made. */
  readonly pending: Set<Promise<unknown>>;
  readonly sandboxes: Set<Sandbox>;
  /** Something may have been made; not so when the daemon never answered. */
  isUsed: boolean;
}

/** Containers of a Docker daemon, or of Podman, over the socket of its API. */
export class DockerDriver implements Driver {
  readonly name: string;
  readonly capabilities: Capabilities = CAPABILITIES;
  readonly gaps: Gaps = {};
  readonly #context: DockerContext;
  readonly #runs = new Map<string, RunState>();
  #ready: Promise<void> | undefined;

  constructor(context: DockerContext) {
    this.#context = context;
    this.name = context.driver;
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
    try {
      await removeRun(this.#context, runId);
    } catch (error) {
      if (state.isUsed || !isUnavailable(error)) throw error;
    }
  }

  async sweep(): Promise<number> {
    return await sweep(this.#context);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#runs.keys()].map((runId) => this.endRun(runId)));
  }

  async #ping(): Promise<void> {
    const { body } = await this.#context.client.open({ method: "GET", path: "/_ping" });
    for await (const _ of body);
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
