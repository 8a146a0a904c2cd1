import { CodedError } from "../errors/mod.ts";
import type { Accepted, Workflow } from "../workflow/mod.ts";

/** Lets so many runs go on at a time, those among them whose acceptance is on its way to the storage. */
export class RunLimit {
  readonly #workflow: Workflow;
  readonly #maxRuns: number;
  #entering = 0;

  constructor(workflow: Workflow, maxRuns: number) {
    this.#workflow = workflow;
    this.#maxRuns = maxRuns;
  }

  /** @throws {CodedError} `QUEUE_FULL` when as many go on as may */
  check(): void {
    if (this.#workflow.activeRuns + this.#entering < this.#maxRuns) return;
    throw new CodedError(
      "QUEUE_FULL",
      `Cannot start another run as asked: ${this.#maxRuns} go on already`,
      { fix: "Try again in a second, or raise the limit of runs at a time" },
    );
  }

  /**
   * As `Workflow.accept`, within the limit.
   *
   * @throws {PdError} `QUEUE_FULL`, and what accepting a run throws
   */
  async accept(...args: Parameters<Workflow["accept"]>): Promise<Accepted> {
    this.check();
    this.#entering++;
    try {
      return await this.#workflow.accept(...args);
    } finally {
      this.#entering--;
    }
  }
}
