import type { RunQuery } from "./run.ts";
import type { WorkflowRun } from "./workflow_run.ts";

/** How much a history keeps of runs that are over. */
export interface RunHistoryOptions {
  readonly maxFinished: number;
  /** Memory that finished runs may take together, roughly. */
  readonly maxBytes: number;
}

/** The runs of a workflow in memory: all that go on, and the newest of those that are over. */
export class RunHistory {
  readonly #options: RunHistoryOptions;
  /** In the order of their start. */
  readonly #runs = new Map<string, WorkflowRun>();
  readonly #active = new Set<WorkflowRun>();
  /** In the order of their end. */
  readonly #finished = new Map<WorkflowRun, number>();
  #finishedBytes = 0;

  constructor(options: RunHistoryOptions) {
    this.#options = options;
  }

  /** Runs that are not over. */
  get active(): ReadonlySet<WorkflowRun> {
    return this.#active;
  }

  /** How many finished runs are kept, and the memory they take. */
  get finished(): { readonly count: number; readonly bytes: number } {
    return { count: this.#finished.size, bytes: this.#finishedBytes };
  }

  /** Keeps a run that has just started. */
  add(run: WorkflowRun): void {
    this.#runs.set(run.id, run);
    this.#active.add(run);
  }

  /** Notes that a run is over, and lets go of the oldest ones that do not fit any more. */
  finish(run: WorkflowRun): void {
    this.#active.delete(run);
    const bytes = run.sizeBytes;
    this.#finished.set(run, bytes);
    this.#finishedBytes += bytes;
    for (const [oldest, oldestBytes] of this.#finished) {
      const fits = this.#finished.size <= this.#options.maxFinished &&
        this.#finishedBytes <= this.#options.maxBytes;
      if (fits) break;
      this.#finished.delete(oldest);
      this.#finishedBytes -= oldestBytes;
      this.#runs.delete(oldest.id);
    }
  }

  /** The run of that id, unless it was let go. */
  get(id: string): WorkflowRun | undefined {
    return this.#runs.get(id);
  }

  /** Newest first. An unknown `before` gives nothing: what came before it is gone as well. */
  list(query: RunQuery = {}): WorkflowRun[] {
    const { limit = Infinity, status, before } = query;
    const found: WorkflowRun[] = [];
    let passed = before === undefined;
    for (const run of [...this.#runs.values()].reverse()) {
      if (found.length >= limit) break;
      if (passed && (status === undefined || status.includes(run.status))) found.push(run);
      if (run.id === before) passed = true;
    }
    return found;
  }
}
