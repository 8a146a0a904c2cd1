import type { Clock } from "../clock/mod.ts";
import type { CompiledDag } from "../compiler/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import type { RunEventBody } from "./events.ts";
import type { ExecutionResult } from "./execution_result.ts";
import type { NodeRunner, RunInfo } from "./node_runner.ts";
import type { ResumedNodes } from "./resumed_nodes.ts";

/** What an execution needs besides the graph and its runner. */
export interface ExecutionContext {
  readonly run: RunInfo;
  /** Aborting it cancels the run. The abort reason, when a `PdError`, becomes the run's error. */
  readonly signal: AbortSignal;
  /**
   * Appends an event. When it returns a promise, nothing that depends on the event goes on before
   * that promise resolves, or that of a later event: they resolve in order.
   */
  emit(event: RunEventBody): void | Promise<void>;
  readonly clock: Clock;
  /** Even in [0, 1): jitter comes from here. */
  random(): number;
  /** The last bytes of what a node's programs wrote, at most so many of each stream; none without it. */
  outputOf?(
    node: string,
    lastBytes: number,
  ): Promise<{ readonly stdout: string; readonly stderr: string }>;
  /** Where the run stands already: it goes on from there instead of from its beginning. */
  readonly resume?: ResumedNodes;
}

/** Runs a compiled workflow to its end. Node failures are in the result; it throws only when the engine broke. */
export interface WorkflowExecutor {
  execute(
    graph: CompiledDag,
    runner: NodeRunner,
    ctx: ExecutionContext,
    input?: JsonValue,
  ): Promise<ExecutionResult>;
}
