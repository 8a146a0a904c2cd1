import type { CompiledNode } from "../compiler/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import type { ErrorRecord } from "./events.ts";
import type { NodeTasks } from "./task_record.ts";

/** The run that a call belongs to. */
export interface RunInfo {
  /** UUIDv7. */
  readonly id: string;
  readonly workflow: string;
  readonly version: string;
  /** What started it: `{type: "manual"}`, `{type: "http"}`, `{type: "cron", name, scheduledAt}` … */
  readonly trigger: JsonValue;
  /** An engine had it before, and left it unfinished. */
  readonly isResumed?: true;
}

/** One attempt at one node. */
export interface NodeCall {
  readonly node: CompiledNode;
  /** 1 for the first. */
  readonly attempt: number;
  readonly input: JsonValue;
  readonly run: RunInfo;
  /**
   * Aborts on timeout, cancel and fail-fast. The runner tells the node, waits at most
   * `KILL_GRACE_MS`, then stops it by force, and resolves in any case.
   */
  readonly signal: AbortSignal;
  /** Runs this attempt in a host that no other call shares: set after an attempt was lost. */
  readonly exclusive: boolean;
  /** What is done of the node already. */
  readonly tasks: NodeTasks;
  /** The node's code begins now: the timeout counts from here, not from the wait for a free host. */
  onBegin(): void;
  /** One log line of the node, as it comes. */
  onLog(line: LogLine): void;
}

export interface LogLine {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly fields?: JsonValue;
}

/** Whether and when a failure may be tried again: decided by the error's type. */
export type RetryAdvice =
  | { readonly kind: "policy" }
  | { readonly kind: "never" }
  | { readonly kind: "after"; readonly delayMs: number };

/** How an attempt ended. A failed node is a value; a throw means that the engine itself broke. */
export type NodeOutcome =
  | { readonly status: "succeeded"; readonly output: JsonValue }
  | { readonly status: "failed"; readonly error: ErrorRecord; readonly retry: RetryAdvice }
  /** It obeyed its signal, or was stopped by force after it. */
  | { readonly status: "cancelled" }
  /** Its host died under it and it is not to blame. */
  | { readonly status: "lost"; readonly error: ErrorRecord };

/** Runs one attempt. Code nodes, containers and sub-workflows each have one. */
export interface NodeRunner {
  run(call: NodeCall): Promise<NodeOutcome>;
}

/** How long a node may take to obey its signal before it is stopped by force. */
export const KILL_GRACE_MS = 100;
/** The same for the process group of a script: between SIGINT and SIGKILL. */
export const SCRIPT_GRACE_MS = 2_000;
