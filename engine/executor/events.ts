import type { JsonValue } from "../json/mod.ts";

/** How bad a log line is. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** An error as events, results and hosts carry it. `message` does not repeat the code. */
export interface ErrorRecord {
  readonly code: string;
  readonly message: string;
  readonly fix?: string;
  /** The node's own stack, its paths relative to the workflow folder. */
  readonly stack?: string;
  /** Of the program that failed, 1 to 255: 128 + n when signal n ended it. */
  readonly exitCode?: number;
}

/** What happened, without its place in the stream. */
export type RunEventBody =
  /** It waits for its turn. */
  | { readonly kind: "run.queued"; readonly position?: number }
  | {
    readonly kind: "run.started";
    readonly workflow: string;
    readonly version: string;
    readonly input: JsonValue;
    readonly trigger: JsonValue;
  }
  /** An engine took it up again: what was done stays done, what was running follows as `node.lost`. */
  | {
    readonly kind: "run.resumed";
    /** Nodes that are done. */
    readonly done: number;
    /** Nodes that had begun and are not done. */
    readonly unfinished: number;
  }
  | { readonly kind: "node.started"; readonly node: string; readonly attempt: number }
  | {
    readonly kind: "node.retrying";
    readonly node: string;
    readonly attempt: number;
    readonly delayMs: number;
    readonly error: ErrorRecord;
  }
  | {
    readonly kind: "node.lost";
    readonly node: string;
    readonly attempt: number;
    readonly error: ErrorRecord;
    /** The whole engine ended, not only the host of this attempt. */
    readonly engine?: true;
  }
  | {
    readonly kind: "node.succeeded";
    readonly node: string;
    readonly attempt: number;
    readonly durationMs: number;
    readonly output: JsonValue;
  }
  | {
    readonly kind: "node.failed";
    readonly node: string;
    readonly attempt: number;
    readonly durationMs: number;
    readonly error: ErrorRecord;
    readonly allowed: boolean;
  }
  | {
    readonly kind: "node.cancelled";
    readonly node: string;
    readonly attempt: number;
    readonly durationMs: number;
  }
  | { readonly kind: "node.skipped"; readonly node: string }
  /** Part of a node is done for good: its next attempt, and a later engine, take the answer from here. */
  | {
    readonly kind: "task.completed";
    readonly node: string;
    readonly attempt: number;
    /** Tells it from the other tasks of its node. */
    readonly task: string;
    /** Of what was asked: another question under the same id has another answer. */
    readonly fingerprint: string;
    /** For people. */
    readonly name: string;
    /** Exit code. */
    readonly code: number;
    readonly durationMs: number;
    readonly answer: JsonValue;
  }
  | {
    readonly kind: "log";
    readonly node: string;
    readonly attempt: number;
    readonly level: LogLevel;
    readonly message: string;
    readonly fields?: JsonValue;
  }
  | { readonly kind: "run.succeeded"; readonly durationMs: number }
  | { readonly kind: "run.failed"; readonly durationMs: number; readonly error: ErrorRecord }
  | { readonly kind: "run.cancelled"; readonly durationMs: number; readonly error: ErrorRecord };

/** One entry of a run's ordered stream: the only source of what happened. */
export type RunEvent = RunEventBody & {
  readonly runId: string;
  /** 1, 2, 3 … within the run, without gaps. */
  readonly seq: number;
  /** Epoch milliseconds. */
  readonly at: number;
};

export type RunStatus = "queued" | "running" | "succeeded" | "failed" | "cancelled" | "interrupted";
export type NodeStatus = "pending" | "running" | "succeeded" | "failed" | "cancelled" | "skipped";
