/** One task of a job, as prunner writes it: keys, their order, and which of them may be missing. */
export interface Task {
  readonly name: string;
  readonly dependsOn?: readonly string[];
  readonly status: TaskStatus;
  readonly start?: string;
  readonly end?: string;
  readonly skipped: boolean;
  /** 0 unless it failed or was stopped; -1 where there is no exit code to tell. */
  readonly exitCode: number;
  readonly errored: boolean;
  readonly error?: string;
}

/** How a task stands, in prunner's words. */
export type TaskStatus = "waiting" | "running" | "skipped" | "done" | "error" | "canceled";

/** One job, as prunner writes it. Times are RFC 3339 in UTC and whole seconds. */
export interface Job {
  readonly id: string;
  readonly pipeline: string;
  readonly tasks: readonly Task[];
  /** It is over, however it ended. */
  readonly completed: boolean;
  readonly canceled: boolean;
  readonly errored: boolean;
  readonly created: string;
  readonly start?: string;
  readonly end?: string;
  readonly lastError?: string;
  readonly variables?: unknown;
  readonly user: string;
}

/** A moment as prunner writes it; its clients parse exactly that. Epoch milliseconds. */
export function wholeSeconds(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
