import type { RunEventBody } from "./events.ts";
import type { NodeRun } from "./node_run.ts";
import type { NodeTasks, TaskRecord } from "./task_record.ts";

/** What the tasks of an attempt need of it. */
interface AttemptTasksOptions {
  readonly attempt: number;
  isOver(): boolean;
  /** Appends an event; rejects when it cannot be stored, which ends the run. */
  keep(event: RunEventBody): Promise<void>;
}

/** The tasks of a node, as one of its attempts sees and adds to them. */
export class AttemptTasks implements NodeTasks {
  readonly #nodeRun: NodeRun;
  readonly #options: AttemptTasksOptions;

  constructor(nodeRun: NodeRun, options: AttemptTasksOptions) {
    this.#nodeRun = nodeRun;
    this.#options = options;
  }

  get(task: string): TaskRecord | undefined {
    return this.#nodeRun.tasks?.get(task);
  }

  async add(record: TaskRecord): Promise<void> {
    if (this.#options.isOver()) return;
    const { task, fingerprint, name, code, durationMs, answer } = record;
    const kept = { task, fingerprint, name, code, durationMs, answer };
    const { attempt } = this.#options;
    const node = this.#nodeRun.node.id;
    await this.#options.keep({ kind: "task.completed", node, attempt, ...kept });
    (this.#nodeRun.tasks ??= new Map()).set(task, kept);
  }
}
