import type { Clock } from "../clock/mod.ts";
import type { Storage } from "../storage/mod.ts";

/** What is remembered, and where. */
export interface FormerPipelinesOptions {
  readonly storage: Storage;
  readonly clock: Clock;
  /** Folder of the files: what another server defines elsewhere is none of ours. */
  readonly path: string;
}

const KIND = "pipelines";

/**
 * Deletes the runs of pipelines that a folder's files do not define any more. Which they did is a document, so that
 * a restart is no way around it.
 */
export class FormerPipelines {
  readonly #options: FormerPipelinesOptions;
  #known: ReadonlySet<string> | undefined;

  constructor(options: FormerPipelinesOptions) {
    this.#options = options;
  }

  /** Deletes what is over, of what is not among these keys. Runs that go on are deleted with a later call. */
  async update(keys: readonly string[]): Promise<void> {
    const { storage, clock, path } = this.#options;
    const known = this.#known ?? await this.#read();
    const now = new Set(keys);
    const left = new Set(keys);
    for (const key of known) {
      if (now.has(key)) continue;
      await storage.applyRetention({
        workflowKey: key,
        completedBefore: Number.MAX_SAFE_INTEGER,
        maxCount: 0,
      });
      const { queued, running } = await storage.countRuns(key);
      if (queued + running > 0) left.add(key);
    }
    if (left.size !== known.size || [...left].some((key) => !known.has(key))) {
      await storage.putDocument({
        kind: KIND,
        id: path,
        value: { keys: [...left].sort() },
        updatedAt: clock.now(),
      });
    }
    this.#known = left;
  }

  async #read(): Promise<ReadonlySet<string>> {
    const { storage, path } = this.#options;
    const keys = (await storage.getDocument(KIND, path))?.value["keys"];
    return new Set(Array.isArray(keys) ? keys.map(String) : []);
  }
}
