import { EagerExecutor } from "./eager_executor.ts";
import { StagedExecutor } from "./staged_executor.ts";
import type { WorkflowExecutor } from "./workflow_executor.ts";

/** The executors by their name in `config.execution`. */
const EXECUTORS = { staged: StagedExecutor, eager: EagerExecutor } as const;

/** The executor that `config.execution` names. It holds no state: one serves any number of runs. */
export function createExecutor(kind: keyof typeof EXECUTORS): WorkflowExecutor {
  return new EXECUTORS[kind]();
}
