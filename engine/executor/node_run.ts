import type { CompiledNode } from "../compiler/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import type { ErrorRecord } from "./events.ts";
import type { NodeOutcome } from "./node_runner.ts";
import type { UnfinishedNode } from "./resumed_nodes.ts";
import type { TaskRecord } from "./task_record.ts";

/** One node on its way from its first attempt to its end. */
export interface NodeRun {
  readonly node: CompiledNode;
  readonly input: JsonValue;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** Attempts begun so far, lost ones included. */
  attempts: number;
  /** Attempts that were lost with their host. */
  losses: number;
  /** Tasks that are done, by id; made with the first one. */
  tasks: Map<string, TaskRecord> | undefined;
  /** Where the node stood when its run was taken up again; `undefined` in a run that was not. */
  readonly resumed: UnfinishedNode | undefined;
  /** Why its input cannot be had: it fails with this instead of beginning. */
  readonly missing: ErrorRecord | undefined;
}

/**
 * Runs a node, or a part of that. The wrappers of this folder (`withRetry`, `withLost` …) take one
 * and give one. A failure is an outcome; a rejection means that the engine broke.
 */
export type RunNode = (run: NodeRun) => Promise<NodeOutcome>;

/** The outcome of a node that was stopped. */
export const CANCELLED: NodeOutcome = { status: "cancelled" };
