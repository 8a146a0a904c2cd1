/** `process.run`: a command in the node's container, answered by `ProcessAnswer`. */
export interface ProcessAsk {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: { readonly [name: string]: string };
  readonly cwd: string | undefined;
  readonly stdin: string | undefined;
  /** `undefined`: as long as the node itself. */
  readonly timeoutMs: number | undefined;
  /** Of the innermost `ctx.container.run`; the node's `container:`, else `config.container`, when undefined. */
  readonly image: string | undefined;
  readonly stdoutLevel: "debug" | "info" | "warn" | "error";
  readonly stderrLevel: "debug" | "info" | "warn" | "error";
}

export interface ProcessAnswer {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `runtime.run`: a container of its own, answered by `TaskAnswer`; output is told as `TaskOutput` when `wantsOutput`. */
export interface TaskAsk {
  /** 0, 1, 2 … in the order of the pipeline's calls: with the name it tells the task from others of its run. */
  readonly index: number;
  readonly name: string;
  readonly image: string | undefined;
  readonly command: readonly string[] | undefined;
  readonly user: string | undefined;
  /** A value `secret:KEY` is looked up; a missing key fails before anything starts. */
  readonly env: { readonly [name: string]: string };
  /** Path in the container → name of a volume of the run. */
  readonly mounts: { readonly [path: string]: string };
  readonly stdin: string | undefined;
  readonly workDir: string | undefined;
  readonly timeoutMs: number | undefined;
  readonly limits: {
    readonly cpu?: number;
    readonly memoryBytes?: number;
    readonly pids?: number;
  };
  readonly privileged: boolean;
  readonly wantsOutput: boolean;
}

/** Part of what a task wrote, as text: bytes that are no UTF-8 become U+FFFD. */
export interface TaskOutput {
  readonly stream: "stdout" | "stderr";
  readonly text: string;
}

export interface TaskAnswer {
  readonly status: "succeeded" | "failed";
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `runtime.createVolume`, answered by the name. */
export interface VolumeAsk {
  readonly name: string;
  readonly sizeMb: number | undefined;
}

/** `runtime.startSandbox`, answered by `{sandbox: number}`. */
export type SandboxAsk = Omit<TaskAsk, "command" | "stdin" | "timeoutMs" | "wantsOutput">;

/** `sandbox.exec`, answered by `TaskAnswer`; and `sandbox.close` with `{sandbox}`, answered by null. */
export interface ExecAsk {
  readonly sandbox: number;
  readonly command: readonly string[];
  readonly user: string | undefined;
  readonly env: { readonly [name: string]: string };
  readonly workDir: string | undefined;
  readonly stdin: string | undefined;
  readonly timeoutMs: number | undefined;
  readonly wantsOutput: boolean;
}

export type { TaskRecord } from "../executor/mod.ts";
