import type { Containers } from "../containers/mod.ts";
import { CodedError } from "../errors/mod.ts";
import type { JsonObject } from "../json/mod.ts";

/** The containers of one version of a workflow, opened when a node first needs them. */
export class ContainersOnDemand implements AsyncDisposable {
  /** `config` of the workflow, which says with the nodes who may ask for what. */
  readonly config: JsonObject;
  readonly #open: (() => Promise<Containers>) | undefined;
  #containers: Promise<Containers> | undefined;
  #isClosed = false;

  constructor(open: (() => Promise<Containers>) | undefined, config: JsonObject = {}) {
    this.config = config;
    this.#open = open;
  }

  /**
   * Opens them, once; a failure is tried again by the next.
   *
   * @throws {CodedError} `NOT_AVAILABLE` in an engine without containers, and what opening them throws
   */
  async get(): Promise<Containers> {
    if (this.#open === undefined || this.#isClosed) throw notAvailable(this.#isClosed);
    if (this.#containers === undefined) {
      const opening = this.#containers = this.#open();
      opening.catch(() => {
        if (this.#containers === opening) this.#containers = undefined;
      });
    }
    return await this.#containers;
  }

  /** Removes what a run has made; at once when none was ever opened. */
  async endRun(runId: string): Promise<void> {
    const containers = await this.#containers?.catch(() => undefined);
    await containers?.endRun(runId);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    const containers = await this.#containers?.catch(() => undefined);
    await containers?.[Symbol.asyncDispose]();
  }
}

function notAvailable(isClosed: boolean): CodedError {
  const state = isClosed ? "it is shutting down" : "it was started without them";
  return new CodedError(
    "NOT_AVAILABLE",
    `Cannot run anything in a container as this engine has none: ${state}`,
    { fix: "pd run --driver docker" },
  );
}
