import { Attempt, type RunAttempt } from "./attempt.ts";
import type { Execution } from "./execution.ts";
import { CANCELLED, type RunNode } from "./node_run.ts";

/** Begins a node's next attempt: says so, lets the run stop it, and hands it to `run`. */
export function withStart(run: RunAttempt, execution: Execution): RunNode {
  function note(...[event]: Parameters<Execution["note"]>): void {
    execution.note(event);
  }
  function keep(...[event]: Parameters<Execution["keep"]>): Promise<void> {
    return execution.keep(event);
  }
  const options = { run: execution.ctx.run, note, keep };
  return async (nodeRun) => {
    if (execution.isStopped) return CANCELLED;
    const attempt = ++nodeRun.attempts;
    const recorded = execution.record({ kind: "node.started", node: nodeRun.node.id, attempt });
    if (recorded !== undefined) await recorded;
    if (execution.isStopped) return CANCELLED;
    const current = new Attempt(nodeRun, options);
    execution.enter(current);
    const outcome = await run(current);
    current.isOver = true;
    execution.leave(current);
    return outcome;
  };
}
