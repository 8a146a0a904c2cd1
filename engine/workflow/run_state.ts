import type { CompiledDag } from "../compiler/mod.ts";
import type { NodeStatus, RunEvent } from "../executor/mod.ts";
import type { JsonValue } from "../json/mod.ts";

/** Where one node of a run stands. Times are epoch milliseconds; `null` is not yet. */
export interface NodeState {
  readonly status: NodeStatus;
  /** Attempts begun so far. */
  readonly attempts: number;
  readonly startedAt: number | null;
  readonly completedAt: number | null;
  readonly durationMs: number | null;
  /** The newest failure, `CODE: message`, also when a later attempt went well. */
  readonly error: string | null;
  /** Only of a node that succeeded. */
  readonly output?: JsonValue;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Where each node stands after `events`, in execution order; what follows a failed run is there once it has begun
 * or was skipped. A projection: it looks nowhere else.
 */
export function nodeStates(
  dag: CompiledDag,
  events: readonly RunEvent[],
): { readonly [node: string]: NodeState } {
  const states: Record<string, Writable<NodeState>> = {};
  for (const node of dag.nodes) states[node.id] = pending();
  for (const event of events) {
    if (!("node" in event)) continue;
    if (event.node === dag.onError?.id) states[event.node] ??= pending();
    const state = states[event.node];
    if (state !== undefined) apply(state, event);
  }
  return states;
}

function pending(): Writable<NodeState> {
  return {
    status: "pending",
    attempts: 0,
    startedAt: null,
    completedAt: null,
    durationMs: null,
    error: null,
  };
}

function apply(state: Writable<NodeState>, event: RunEvent & { readonly node: string }): void {
  switch (event.kind) {
    case "node.started":
      state.status = "running";
      state.attempts = event.attempt;
      state.startedAt ??= event.at;
      return;
    case "node.retrying":
    case "node.lost":
      state.error = `${event.error.code}: ${event.error.message}`;
      return;
    case "node.succeeded":
      end(state, event);
      state.status = "succeeded";
      state.output = event.output;
      return;
    case "node.failed":
      end(state, event);
      state.status = "failed";
      state.error = `${event.error.code}: ${event.error.message}`;
      return;
    case "node.cancelled":
      end(state, event);
      state.status = "cancelled";
      return;
    case "node.skipped":
      state.status = "skipped";
      return;
    default:
      return;
  }
}

function end(
  state: Writable<NodeState>,
  event: { readonly at: number; readonly durationMs: number },
): void {
  state.completedAt = event.at;
  state.durationMs = event.durationMs;
}
