import type { JsonValue } from "../json/mod.ts";
import type { RunStatus } from "./events.ts";

/** When one node ran. Times are epoch milliseconds. */
export interface NodeTiming {
  readonly startedAt: number;
  readonly completedAt: number;
  readonly durationMs: number;
  readonly attempts: number;
}

/** What a run came to: the answer of `POST /run` and of `pd run -o json`. */
export interface ExecutionResult {
  readonly success: boolean;
  readonly status: RunStatus;
  readonly runId: string;
  readonly outputs: { readonly [node: string]: JsonValue };
  /** Each message begins with its code: `NODE_TIMEOUT: …`. */
  readonly errors: { readonly [node: string]: string };
  readonly timing: {
    readonly startedAt: number;
    readonly completedAt: number;
    readonly durationMs: number;
    readonly nodeTimings: { readonly [node: string]: NodeTiming };
  };
}
