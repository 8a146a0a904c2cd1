import type { RunEventBody } from "./events.ts";
import type { NodeRun } from "./node_run.ts";
import type { NodeTasks, TaskRecord } from "./task_record.ts";

/** What the tasks of an attempt need of it. One object for each: nearly no attempt has tasks. */
interface AttemptParts {
  readonly number: number;
  readonly isOver: boolean;
  /** Appends an event; rejects when it cannot be stored, which ends the run. */
  keep(event: RunEventBody): Promise<void>;
}

/** The tasks of a node, as one of its attempts sees and adds to them. */
export class AttemptTasks implements NodeTasks {
  readonly #nodeRun: NodeRun;
  readonly #attempt: AttemptParts;

  constructor(nodeRun: NodeRun, attempt: AttemptParts) {
    this.#nodeRun = nodeRun;
    this.#attempt = attempt;
  }

  get(task: string): TaskRecord | undefined {
    return this.#nodeRun.tasks?.get(task);
  }

  async add(record: TaskRecord): Promise<void> {
    if (this.#attempt.isOver) return;
    const { task, fingerprint, name, code, durationMs, answer } = record;
    const kept = { task, fingerprint, name, code, durationMs, answer };
    const node = this.#nodeRun.node.id;
    const attempt = this.#attempt.number;
    await this.#attempt.keep({ kind: "task.completed", node, attempt, ...kept });
    (this.#nodeRun.tasks ??= new Map()).set(task, kept);
  }
}
