import type { ExecutionResult, NodeTiming } from "../executor/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import { type NodeState, nodeStates, type Run } from "../workflow/mod.ts";
import { isOver } from "./event_stream.ts";

/** A run as `GET /runs/{id}` shows it: its result (so far), and where each node stands. */
export interface RunView extends Omit<ExecutionResult, "timing"> {
  readonly workflow: string;
  readonly version: string;
  readonly trigger: JsonValue;
  readonly input: JsonValue;
  /** Why it did not succeed: `CODE: message`. */
  readonly error: string | null;
  readonly timing: {
    readonly startedAt: number;
    /** `null` while it runs. */
    readonly completedAt: number | null;
    readonly durationMs: number;
    readonly nodeTimings: { readonly [node: string]: NodeTiming };
  };
  readonly nodes: { readonly [node: string]: Omit<NodeState, "output"> };
}

/** What is known of a run at this moment. Redacted, as its events are. */
export async function runView(run: Run): Promise<RunView> {
  const events = await run.eventsSoFar();
  const states = nodeStates(run.dag, events);
  const { workflow, version, trigger, error } = run.summary;
  return {
    ...isOver(run) ? await run.result : resultSoFar(run, states),
    workflow,
    version,
    trigger,
    input: run.input,
    error,
    nodes: Object.fromEntries(
      Object.entries(states).map(([node, { output: _, ...state }]) => [node, state]),
    ),
  };
}

function resultSoFar(
  run: Run,
  states: { readonly [node: string]: NodeState },
): Omit<ExecutionResult, "timing"> & Pick<RunView, "timing"> {
  const outputs: Record<string, JsonValue> = {};
  const errors: Record<string, string> = {};
  const nodeTimings: Record<string, NodeTiming> = {};
  for (const [node, state] of Object.entries(states)) {
    if (state.output !== undefined) outputs[node] = state.output;
    if (state.status === "failed" && state.error !== null) errors[node] = state.error;
    const { startedAt, completedAt, durationMs, attempts } = state;
    if (startedAt !== null && completedAt !== null && durationMs !== null) {
      nodeTimings[node] = { startedAt, completedAt, durationMs, attempts };
    }
  }
  const { startedAt, completedAt, durationMs } = run.summary;
  return {
    success: false,
    status: run.status,
    runId: run.id,
    outputs,
    errors,
    timing: { startedAt, completedAt, durationMs, nodeTimings },
  };
}
