import type { Capabilities, Gaps } from "./capabilities.ts";

/**
 * Where containers run. One contract, one set of files per folder, one conformance suite.
 *
 * A driver is opened for one engine process, and everything it makes carries that process and the run it is
 * for as labels. Whatever ends badly rejects with a `DriverError`; a command that fails is a result.
 */
export interface Driver extends AsyncDisposable {
  /** `native`, `docker`, `k8s` … */
  readonly name: string;
  readonly capabilities: Capabilities;
  /** Why a capability is not there: a reason for each one that is `false`, as the table of drivers shows it. */
  readonly gaps: Gaps;

  /**
   * Resolves when the driver can be used; cheap when it was asked before.
   *
   * @throws {DriverError} `DRIVER_UNAVAILABLE` with what to start or install
   */
  ready(): Promise<void>;

  /**
   * Runs one container to its end. The same `task.id` again in this driver, at the same time or later, is the
   * same task: it is not started a second time and has the first one's result (its output is not repeated).
   * The container is gone when this settles. An abort of `io.signal` sends `task.stopSignal`, after
   * `task.killGraceMs` SIGKILL, and rejects with the signal's reason.
   *
   * @throws {DriverError} `IMAGE_UNAVAILABLE`, `NOT_SUPPORTED`, `DRIVER_UNAVAILABLE`, `TASK_INVALID`
   */
  run(task: TaskSpec, io: TaskIo): Promise<TaskResult>;

  /** An empty volume for the tasks of one run. A name that exists in that run is that volume. */
  createVolume(request: VolumeRequest): Promise<Volume>;
  /** Unpacks a tar stream into a volume; modes and symlinks are kept, entries that leave it are refused. */
  copyIn(volume: Volume, tar: ReadableStream<Uint8Array>, signal?: AbortSignal): Promise<void>;
  /** The content of a volume as a tar stream; never held in memory as a whole. */
  copyOut(volume: Volume, signal?: AbortSignal): Promise<ReadableStream<Uint8Array>>;
  removeVolume(volume: Volume): Promise<void>;

  /**
   * A container that stays and runs one command after another, or several at once. Needs `capabilities.sandbox`.
   *
   * @throws {DriverError} as `run`
   */
  startSandbox(sandbox: SandboxSpec, signal?: AbortSignal): Promise<Sandbox>;

  /** Stops and removes everything made for a run: containers, volumes, processes. */
  endRun(runId: string): Promise<void>;
  /** Removes what engines left behind that do not live any more; answers how many things those were. */
  sweep(): Promise<number>;
  /** `endRun` for every run of this driver, then lets go of its connections. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** What tasks and sandboxes have in common. */
export interface ContainerSpec {
  readonly runId: string;
  /** For people: part of the container's name, cleaned by the driver. */
  readonly name: string;
  /** `undefined` only where `capabilities.images` is false. */
  readonly image: string | undefined;
  readonly pull: "always" | "missing" | "never";
  /** All that the program gets, besides what the image and the driver set; never the engine's own. */
  readonly env: { readonly [name: string]: string };
  /** Where commands start: absolute, or relative to the mount of the workspace. */
  readonly workDir: string | undefined;
  /** Name or id, `user:group`. The image's when undefined. */
  readonly user: string | undefined;
  readonly mounts: readonly Mount[];
  readonly limits: Limits;
  readonly privileged: boolean;
}

/** One container from its start to its end. */
export interface TaskSpec extends ContainerSpec {
  /** Unique in its run. */
  readonly id: string;
  /** Program and arguments, verbatim, in place of the image's entry point; the image's own when undefined. */
  readonly command: readonly string[] | undefined;
  /** Between the signal that asks it to stop and SIGKILL. */
  readonly killGraceMs: number;
  /** What asks it to stop: SIGTERM by default, and where a driver knows no other. */
  readonly stopSignal?: "SIGTERM" | "SIGINT";
  /** What goes in and comes out beside the volumes: all in one folder, none by default. */
  readonly files?: readonly TaskFile[];
}

/**
 * A file of one task alone. The driver makes a folder for it outside of every mount (`/.pd`, mode 0777, in a
 * container; a folder of its own on the host), which goes with the container.
 */
export interface TaskFile {
  /** In that folder: `input.json`. */
  readonly name: string;
  /** The variable that tells the program its path; set by the driver, over `env`. */
  readonly variable: string;
  /** There when the program starts, mode 0644. Without it the program may make the file. */
  readonly content?: Uint8Array;
  /** How much of it comes back in `TaskResult.files`, when it is a regular file; not at all by default. */
  readonly collectBytes?: number;
}

/** A container that waits for commands. */
export interface SandboxSpec extends ContainerSpec {
  readonly id: string;
}

/** One command in a sandbox. */
export interface ExecSpec {
  readonly command: readonly string[];
  readonly env: { readonly [name: string]: string };
  readonly workDir: string | undefined;
  readonly user: string | undefined;
}

/** A container that stays. */
export interface Sandbox extends AsyncDisposable {
  /** As `Driver.run`. A command that must be stopped by force may take the sandbox with it: `isOpen` is false then. */
  exec(exec: ExecSpec, io: TaskIo): Promise<TaskResult>;
  readonly isOpen: boolean;
  /** Removes the container. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** What goes in and out of a command while it runs. Bytes are as the program wrote them, the two streams apart. */
export interface TaskIo {
  readonly stdin?: ReadableStream<Uint8Array> | undefined;
  readonly signal: AbortSignal;
  onStdout(bytes: Uint8Array): void;
  onStderr(bytes: Uint8Array): void;
  /** The program begins now. */
  onStart?(): void;
}

/** How a command ended. */
export interface TaskResult {
  /** 128 + n when signal n ended it; 127 when there is no such program, 126 when it cannot be executed. */
  readonly code: number;
  /** Why it was ended from outside, where the driver knows. */
  readonly reason?: "out_of_memory";
  /** By name, those of `TaskSpec.files` that were to come back and are there. */
  readonly files?: { readonly [name: string]: CollectedFile };
}

/** What a task left in one of its files. */
export interface CollectedFile {
  /** The beginning of it, where it is larger than `collectBytes`. */
  readonly bytes: Uint8Array;
  readonly isTruncated: boolean;
}

/** A folder that outlives containers, for the tasks of one run. */
export interface Volume {
  readonly id: string;
  readonly runId: string;
  readonly name: string;
  /** Where it lies on this machine, for a driver that shares its files. */
  readonly hostPath?: string;
}

export interface VolumeRequest {
  readonly runId: string;
  readonly name: string;
  /** A request, not a limit, where the driver cannot limit volumes. */
  readonly sizeMb?: number | undefined;
}

/** A volume and its place in a container. */
export interface Mount {
  readonly volume: Volume;
  /** Absolute; `/workspace` for the workspace. Where paths are the host's own, a variable names the place. */
  readonly path: string;
  readonly readOnly: boolean;
}

export interface Limits {
  /** Cores, e.g. 0.5. */
  readonly cpu?: number | undefined;
  readonly memoryBytes?: number | undefined;
  /** Processes and threads at one time. */
  readonly pids?: number | undefined;
}

/** Where the run's workspace is in every container, and where commands start unless told otherwise. */
export const WORKSPACE_PATH = "/workspace";
/** The volume that is the workspace. */
export const WORKSPACE_VOLUME = "workdir";
