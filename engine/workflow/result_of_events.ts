import type { CompiledDag } from "../compiler/mod.ts";
import type { ExecutionResult, NodeTiming, RunEvent } from "../executor/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import type { RunSummary } from "./run.ts";
import { nodeStates } from "./run_state.ts";

/** What a run came to, or has come to so far, told by its events alone. */
export function resultOfEvents(
  dag: CompiledDag,
  events: readonly RunEvent[],
  summary: RunSummary,
): ExecutionResult {
  const outputs: Record<string, JsonValue> = {};
  const errors: Record<string, string> = {};
  const nodeTimings: Record<string, NodeTiming> = {};
  const states = nodeStates(dag, events);
  for (const [node, state] of Object.entries(states)) {
    const { status, output, error, startedAt, completedAt, durationMs, attempts } = state;
    if (output !== undefined && node !== dag.onError?.id) outputs[node] = output;
    if (error !== null && status === "failed") errors[node] = error;
    if (status === "cancelled" && summary.status === "cancelled") {
      errors[node] = summary.error ?? "";
    }
    if (startedAt !== null && completedAt !== null && durationMs !== null) {
      nodeTimings[node] = { startedAt, completedAt, durationMs, attempts };
    }
  }
  if (summary.error !== null && Object.keys(errors).length === 0) {
    errors[summary.workflow] = summary.error;
  }
  const { startedAt, completedAt, durationMs } = summary;
  return {
    success: summary.status === "succeeded",
    status: summary.status,
    runId: summary.runId,
    outputs,
    errors,
    timing: {
      startedAt,
      completedAt: completedAt ?? startedAt + durationMs,
      durationMs,
      nodeTimings,
    },
  };
}
