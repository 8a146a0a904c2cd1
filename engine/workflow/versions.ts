import { CodedError } from "../errors/mod.ts";
import type { WorkflowSpec } from "../spec/mod.ts";
import { Generation, type GenerationParts } from "./generation.ts";
import { isSameJson } from "./same_json.ts";

/** Where the versions of a workflow come from. */
export interface VersionsOptions {
  /** Reads the folder and builds the whole of it anew, as that version. */
  load(version: number): Promise<GenerationParts>;
  /** Builds a version of a spec that a run began with, over the files that are there today. */
  loadSpec(spec: WorkflowSpec, version: number): Promise<GenerationParts>;
}

/** The versions of one workflow folder that are in use: the current one, and those that runs still hold. */
export class Versions implements AsyncDisposable {
  readonly #options: VersionsOptions;
  #current: Generation;
  #reloading: Promise<unknown> = Promise.resolve();
  #reloadError: string | undefined;
  readonly #retiring = new Set<Promise<void>>();
  /** Versions of runs that are being taken up. */
  #older: { readonly spec: WorkflowSpec; readonly generation: Promise<Generation> }[] = [];
  /** Specs of the storage that were compared already. */
  #sameAsCurrent = new WeakSet<WorkflowSpec>();
  #closed = false;

  constructor(first: GenerationParts, options: VersionsOptions) {
    this.#current = new Generation(1, first);
    this.#options = options;
  }

  /** What the next run will use. */
  get current(): Generation {
    return this.#current;
  }

  /** The message of the newest reload when it failed. */
  get reloadError(): string | undefined {
    return this.#reloadError;
  }

  /** Swaps to the folder as it is now, once all of it is good. Rejects, and changes nothing, when anything is wrong. */
  reload(): Promise<void> {
    const reloaded = this.#reloading.then(() => this.#swap());
    this.#reloading = reloaded.catch(() => {});
    return reloaded;
  }

  /**
   * The version that a stored run goes on with, held for it: the current one when the spec is still the same.
   * `forgetOlder` has to follow when no more runs are being taken up.
   */
  async acquireFor(spec: WorkflowSpec): Promise<Generation> {
    const current = this.#current;
    if (this.#sameAsCurrent.has(spec) || isSameJson(current.parts.spec, spec)) {
      this.#sameAsCurrent.add(spec);
      current.acquire();
      return current;
    }
    let older = this.#older.find((known) => known.spec === spec || isSameJson(known.spec, spec));
    if (older === undefined) {
      older = { spec, generation: this.#loadOlder(spec) };
      this.#older.push(older);
    }
    const generation = await older.generation;
    generation.acquire();
    return generation;
  }

  /**
   * The version that a run of a stored one is done again with, until disposed of: its own where versions lie in folders
   * of their own, as commits do, else the current one.
   */
  async holdForRetry(
    spec: WorkflowSpec,
  ): Promise<AsyncDisposable & { readonly generation: Generation }> {
    const isOwn = spec.revision !== undefined;
    const generation = isOwn ? await this.acquireFor(spec) : this.#current;
    return {
      generation,
      [Symbol.asyncDispose]: async () => {
        if (!isOwn) return;
        generation.release();
        await this.forgetOlder();
      },
    };
  }

  /** Lets older versions end with the last run that holds them. */
  async forgetOlder(): Promise<void> {
    for (const { generation } of this.#older.splice(0)) {
      // What could not be loaded holds nothing.
      const loaded = await generation.catch(() => undefined);
      if (loaded !== undefined) this.#retire(loaded);
    }
  }

  /** Ends every version once no run holds it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await this.#reloading;
    await this.forgetOlder();
    await Promise.all([this.#current.retire(), ...this.#retiring]);
  }

  async #loadOlder(spec: WorkflowSpec): Promise<Generation> {
    return new Generation(0, await this.#options.loadSpec(spec, 0));
  }

  async #swap(): Promise<void> {
    if (this.#closed) {
      throw new CodedError("DRAINING", "Cannot reload the workflow as it is being closed");
    }
    try {
      const version = this.#current.version + 1;
      const parts = await this.#options.load(version);
      try {
        await parts.runner.ready();
      } catch (error) {
        await parts.runner[Symbol.asyncDispose]();
        throw error;
      }
      const old = this.#current;
      this.#current = new Generation(version, parts);
      this.#sameAsCurrent = new WeakSet();
      this.#reloadError = undefined;
      this.#retire(old);
    } catch (error) {
      this.#reloadError = error instanceof Error ? error.message : String(error);
      throw error;
    }
  }

  #retire(generation: Generation): void {
    const retiring = generation.retire();
    this.#retiring.add(retiring);
    retiring.finally(() => this.#retiring.delete(retiring)).catch(() => {});
  }
}
