import type { CompiledNode } from "../compiler/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import type { NodeOutcome } from "./node_runner.ts";

/** One node on its way from its first attempt to its end. */
export interface NodeRun {
  readonly node: CompiledNode;
  readonly input: JsonValue;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** Attempts begun so far, lost ones included. */
  attempts: number;
  /** Attempts that were lost. */
  losses: number;
}

/**
 * Runs a node, or a part of that. The wrappers of this folder (`withRetry`, `withLost` …) take one
 * and give one. A failure is an outcome; a rejection means that the engine broke.
 */
export type RunNode = (run: NodeRun) => Promise<NodeOutcome>;

/** The outcome of a node that was stopped. */
export const CANCELLED: NodeOutcome = { status: "cancelled" };
