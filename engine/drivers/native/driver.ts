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
import type { OpenDriverOptions } from "../open_options.ts";
import { copyIn, copyOut } from "./copy.ts";
import { killMarked } from "./processes.ts";
import { startSandbox } from "./sandbox.ts";
import { sweep } from "./sweep.ts";
import { runTask } from "./tasks.ts";
import { canSwitchUser } from "./user.ts";
import { Volumes } from "./volumes.ts";

/** What a run of this driver has: tasks by id, and a signal that ends with it. */
interface NativeRun {
  readonly end: AbortController;
  /** Every task of the run, also those that are over. */
  readonly tasks: Map<string, Promise<TaskResult>>;
  /** What `endRun` waits for. */
  readonly active: Set<Promise<unknown>>;
  readonly sandboxes: Set<Sandbox>;
}

/** Steps as processes of this machine. */
export class NativeDriver implements Driver {
  readonly name = "native";
  readonly capabilities: Capabilities;
  readonly gaps: Gaps;
  readonly #options: OpenDriverOptions;
  readonly #volumes: Volumes;
  readonly #runs = new Map<string, NativeRun>();
  #isClosed = false;

  constructor(options: OpenDriverOptions) {
    this.#options = options;
    this.#volumes = new Volumes(options);
    this.capabilities = {
      images: false,
      isolation: false,
      sandbox: true,
      limits: false,
      processLimit: false,
      privileged: false,
      user: canSwitchUser(options.env),
      sharedVolumes: true,
      absolutePaths: false,
      readOnlyMounts: false,
      stdin: true,
    };
    this.gaps = {
      images: "steps are programs of this machine, found on its PATH",
      isolation: "steps are processes of the user who runs pd, and may do what that user may",
      processLimit: "a limit would hold for the user who runs pd, not for the step",
      limits: "a limit would hold for each process, not for the step as a whole",
      privileged: "a step has the rights of the user who runs pd, and no more",
      absolutePaths:
        "the machine has one file system for all: steps start in the workspace, and variables name the other mounts",
      readOnlyMounts: "volumes are folders that belong to the user who runs pd",
      user: "only root may run programs as somebody else, and needs setpriv for it",
    };
  }

  ready(): Promise<void> {
    if (Deno.build.os !== "windows") return Promise.resolve();
    return Promise.reject(
      new DriverError(
        "DRIVER_UNAVAILABLE",
        'Cannot use driver "native" as it needs process groups: this is Windows',
        { fix: "--driver docker" },
      ),
    );
  }

  run(task: TaskSpec, io: TaskIo): Promise<TaskResult> {
    return this.#guarded(io.signal, async () => {
      const run = this.#runOf(task.runId);
      const known = run.tasks.get(task.id);
      if (known !== undefined) return await withSignal(known, io.signal);
      const signal = AbortSignal.any([io.signal, run.end.signal]);
      const result = runTask(task, { ...ioOf(io), signal }, this.#deps());
      run.tasks.set(task.id, result);
      try {
        return await track(run, result);
      } catch (error) {
        // It has no result that could be given again.
        run.tasks.delete(task.id);
        throw error;
      }
    });
  }

  createVolume(request: VolumeRequest): Promise<Volume> {
    return this.#guarded(undefined, async () => {
      this.#runOf(request.runId);
      return await this.#volumes.create(request.runId, request.name);
    });
  }

  async copyIn(
    volume: Volume,
    tar: ReadableStream<Uint8Array>,
    signal?: AbortSignal,
  ): Promise<void> {
    await copyIn(this.#volumes.pathOf(volume), tar, signal);
  }

  async copyOut(volume: Volume, signal?: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    return await copyOut(this.#volumes.pathOf(volume), signal);
  }

  async removeVolume(volume: Volume): Promise<void> {
    await this.#volumes.remove(volume);
  }

  startSandbox(sandbox: SandboxSpec, signal?: AbortSignal): Promise<Sandbox> {
    return this.#guarded(signal, async () => {
      const run = this.#runOf(sandbox.runId);
      const started = await startSandbox(sandbox, run.end.signal, this.#deps());
      run.sandboxes.add(started);
      return started;
    });
  }

  async endRun(runId: string): Promise<void> {
    const run = this.#runs.get(runId);
    // Tasks have ended what they started. A look at every process of the machine takes milliseconds.
    const hasLeftovers = run === undefined || run.sandboxes.size > 0;
    if (run !== undefined) {
      this.#runs.delete(runId);
      run.end.abort(runIsOver(runId));
      await Promise.allSettled([...run.active]);
      await Promise.allSettled([...run.sandboxes].map((one) => one[Symbol.asyncDispose]()));
    }
    const made = await this.#volumes.runDir(runId);
    if (made === undefined) return;
    if (hasLeftovers) await killMarked(this.#volumes.markerOf(runId), this.#options.clock);
    await this.#volumes.removeRun(runId);
  }

  async sweep(): Promise<number> {
    return await sweep(this.#options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#runs.keys()].map((runId) => this.endRun(runId)));
    await this.#volumes[Symbol.asyncDispose]();
  }

  #deps() {
    return { volumes: this.#volumes, clock: this.#options.clock, env: this.#options.env };
  }

  #runOf(runId: string): NativeRun {
    let run = this.#runs.get(runId);
    if (run === undefined) {
      run = {
        end: new AbortController(),
        tasks: new Map(),
        active: new Set(),
        sandboxes: new Set(),
      };
      this.#runs.set(runId, run);
    }
    return run;
  }

  async #guarded<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    signal?.throwIfAborted();
    if (this.#isClosed) {
      throw new DriverError("DRIVER_UNAVAILABLE", 'Cannot use driver "native" as it is closed');
    }
    return await work();
  }
}

/** `io` is an object with methods of its own; a spread would lose those of a class. */
function ioOf(io: TaskIo): TaskIo {
  return {
    signal: io.signal,
    stdin: io.stdin,
    onStdout: (bytes) => io.onStdout(bytes),
    onStderr: (bytes) => io.onStderr(bytes),
    onStart: () => io.onStart?.(),
  };
}

async function track<T>(run: NativeRun, work: Promise<T>): Promise<T> {
  run.active.add(work);
  try {
    return await work;
  } finally {
    run.active.delete(work);
  }
}

/** The result of somebody else's call, for as long as this caller wants it. */
async function withSignal<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

function runIsOver(runId: string): DriverError {
  return new DriverError("TASK_INVALID", `Cannot go on with run "${runId}" as it was ended`);
}
