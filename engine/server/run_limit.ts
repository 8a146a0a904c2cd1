import { CodedError } from "../errors/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import type { Accepted, StartOptions, Workflow } from "../workflow/mod.ts";

/** Lets so many runs go on at a time, those among them whose acceptance is on its way to the storage. */
export class RunLimit {
  readonly #workflow: Workflow;
  readonly #maxRuns: number;
  #entering = 0;

  constructor(workflow: Workflow, maxRuns: number) {
    this.#workflow = workflow;
    this.#maxRuns = maxRuns;
  }

  /**
   * As `Workflow.accept`, within the limit: a repetition by an idempotency key is no further run.
   *
   * @throws {PdError} `QUEUE_FULL`, and what accepting a run throws
   */
  accept(input: JsonValue, options: StartOptions): Promise<Accepted> {
    return this.during((admit) => this.#workflow.accept(input, { ...options, admit }));
  }

  /** Does what may accept one run: `admit`, to be called before that, throws `QUEUE_FULL` when there is no room. */
  async during<T>(work: (admit: () => void) => Promise<T>): Promise<T> {
    let hasEntered = false;
    const admit = () => {
      this.#check();
      hasEntered = true;
      this.#entering++;
    };
    try {
      return await work(admit);
    } finally {
      if (hasEntered) this.#entering--;
    }
  }

  #check(): void {
    if (this.#workflow.activeRuns + this.#entering < this.#maxRuns) return;
    throw new CodedError(
      "QUEUE_FULL",
      `Cannot start another run as asked: ${this.#maxRuns} go on already`,
      { fix: "Try again in a second, or raise the limit of runs at a time" },
    );
  }
}
