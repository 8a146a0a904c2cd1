import { CodedError } from "../errors/mod.ts";
import type { Scripts } from "../scripts/mod.ts";

/** The scripts of one version of a workflow, opened when a node first needs them. */
export class ScriptsOnDemand implements AsyncDisposable {
  readonly #open: (() => Promise<Scripts>) | undefined;
  #scripts: Promise<Scripts> | undefined;
  #isClosed = false;

  constructor(open: (() => Promise<Scripts>) | undefined) {
    this.#open = open;
  }

  /** @throws {CodedError} `NOT_AVAILABLE` when the engine shuts down */
  async get(): Promise<Scripts> {
    if (this.#open === undefined || this.#isClosed) {
      throw new CodedError(
        "NOT_AVAILABLE",
        "Cannot run a script as the engine must run such nodes: it is shutting down",
        { fix: "Start the workflow again" },
      );
    }
    return await (this.#scripts ??= this.#open());
  }

  /** Ends what a run has left; at once when none was ever opened. */
  async endRun(runId: string): Promise<void> {
    await (await this.#scripts)?.endRun(runId);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await (await this.#scripts)?.[Symbol.asyncDispose]();
  }
}
