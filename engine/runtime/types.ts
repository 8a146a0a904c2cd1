/** What a pipeline runs its steps with: the global `runtime`. */
export interface Runtime {
  /**
   * Runs one container to its end. A step that fails is a result, not an error; calls run side by side under
   * `Promise.all`. Two calls of one name are two steps.
   *
   * @throws {PdError} when the step cannot be started: no such image, a `secret:` that does not exist, an argument
   *   that makes no sense
   */
  run(options: StepOptions): Promise<StepResult>;
  /**
   * A volume for the steps of this run. `workdir` is the run's workspace, any other name an empty volume, and the
   * content of `output` comes back to whoever started the run. The same name again is the same volume.
   *
   * @param sizeMb Mebibytes, for drivers that must know
   */
  createVolume(name?: string, sizeMb?: number): Promise<Volume>;
  createVolume(options: VolumeOptions): Promise<Volume>;
  /** A container that stays, for one command after another; it goes with the run, or when it is closed. */
  startSandbox(options: SandboxOptions): Promise<Sandbox>;
  /** Ends the pipeline at once, with this exit code from 0 to 255; steps that still run are stopped. */
  exit(code: number): never;
}

/** What a pipeline knows about its run: the global `pipelineContext`. */
export interface PipelineContext {
  /** UUIDv7 of the run. */
  readonly runID: string;
  /** The stored pipeline's id, which stays the same over its versions; its name when it is not stored. */
  readonly pipelineID: string;
  /** What started the run: `manual`, `cron` … */
  readonly triggeredBy: string;
  /** The program's arguments, verbatim: what came after the pipeline's name. */
  readonly args: readonly string[];
  /** `native`, `docker`, `k8s` … */
  readonly driverName: string;
}

/** What steps and sandboxes have in common. */
export interface SandboxOptions {
  /** For people: in logs and in the container's name. */
  readonly name: string;
  /** Such as `docker.io/library/alpine:3`; may be left out where the driver runs programs of the host. */
  readonly image?: string;
  /** All that the program gets, besides what the image sets. `"secret:KEY"` is looked up. */
  readonly env?: { readonly [name: string]: string };
  /** Path in the container → volume. The workspace is at `/workspace` unless another volume is. */
  readonly mounts?: { readonly [path: string]: Volume | string };
  /** Where it starts: absolute, or relative to the workspace, which is the default. */
  readonly work_dir?: string;
  readonly limits?: StepLimits;
  /** Where the driver allows it. */
  readonly privileged?: boolean;
}

/** One step: a container from its start to its end. */
export interface StepOptions extends SandboxOptions {
  /** Program and arguments in place of the image's own. */
  readonly command?: Command;
  /** Text for the program's standard input; empty without it. */
  readonly stdin?: string;
  /** Milliseconds, or a duration such as `"1m30s"`; the step fails when it takes longer. As long as the run without it. */
  readonly timeout?: number | string;
  /** Takes what the program writes, redacted and as it comes. */
  readonly onOutput?: (stream: "stdout" | "stderr", text: string) => void;
}

/** A program with its arguments. No shell reads them. */
export interface Command {
  readonly path: string;
  readonly args?: readonly string[];
  /** Name or id, or `user:group`; the image's without it. */
  readonly user?: string;
}

/** What a step may use at the most. */
export interface StepLimits {
  /** Cores, such as 0.5. */
  readonly cpu?: number;
  /** Bytes, or a size such as `"512Mi"`. */
  readonly memory?: number | string;
  /** Processes and threads at one time; 2048 on `docker` without it. */
  readonly pids?: number;
}

/** How a step ended. */
export interface StepResult {
  /** `succeeded` for the exit code 0. */
  readonly status: "succeeded" | "failed";
  /** The program's exit code; 128 + n when signal n ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder that outlives steps, until the run is over. */
export interface Volume {
  readonly name: string;
}

/** A volume as it is asked for. */
export interface VolumeOptions {
  readonly name?: string;
  /** Mebibytes. */
  readonly size?: number;
}

/** One command in a sandbox. */
export interface ExecOptions {
  readonly command: Command;
  /** Added to the sandbox's own. */
  readonly env?: { readonly [name: string]: string };
  readonly work_dir?: string;
  readonly stdin?: string;
  /** Milliseconds, or a duration such as `"1m30s"`. */
  readonly timeout?: number | string;
  readonly onOutput?: (stream: "stdout" | "stderr", text: string) => void;
}

/** A container that stays. */
export interface Sandbox extends AsyncDisposable {
  exec(options: ExecOptions): Promise<StepResult>;
  /** Stops and removes it; at once when it is closed already. */
  close(): Promise<void>;
}
