import { PdError } from "../errors/mod.ts";
import type { Offer } from "./run_queue.ts";

/** A run was refused, as no place and no place to wait was free. The same call may succeed later. */
export class QueueFullError extends PdError {
  override readonly code = "QUEUE_FULL";

  constructor(workflow: string, refused: Extract<Offer, { decision: "refuse" }>) {
    const { limit, waiting, running, concurrency } = refused;
    super(
      `Cannot queue a run of "${workflow}" as queue_limit is ${limit}: ` +
        `${waiting} ${waiting === 1 ? "waits" : "wait"}, and ${running} of ${concurrency} run`,
      {
        fix: "Try again later, or change workflow.yaml: " +
          (limit === 0 ? "config.queue_limit: 10" : `config.queue_limit: ${limit * 2}`),
      },
    );
  }
}
