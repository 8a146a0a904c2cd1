import type { Clock } from "../clock/mod.ts";
import type { JsonObject, JsonValue } from "../json/mod.ts";
import type { Storage } from "../storage/mod.ts";

/** What is remembered, and where. */
export interface FormerPipelinesOptions {
  readonly storage: Storage;
  readonly clock: Clock;
  /** Folder of the files: what another server defines elsewhere is none of ours. */
  readonly path: string;
}

const KIND = "pipelines";
/** A file may be away for a moment: while another commit is checked out, a folder is mounted, an editor writes it. */
const GRACE_MS = 3_600_000;

/** Keys of pipelines that have runs, with when they were found to be gone; `undefined` while they are defined. */
type Known = ReadonlyMap<string, number | undefined>;

/**
 * Deletes the runs of pipelines that a folder's files have not defined for an hour. Which they did is a document, so
 * that a restart is no way around it. While there is no pipeline at all nothing is deleted: then the folder is
 * missing rather than each of them.
 */
export class FormerPipelines {
  readonly #options: FormerPipelinesOptions;
  #known: Known | undefined;

  constructor(options: FormerPipelinesOptions) {
    this.#options = options;
  }

  /** Deletes what is over, of what is not among these keys. Runs that go on are deleted with a later call. */
  async update(keys: readonly string[]): Promise<void> {
    const { clock } = this.#options;
    const known = this.#known ?? await this.#read();
    const now = clock.now();
    const left = new Map<string, number | undefined>(keys.map((key) => [key, undefined]));
    for (const [key, since] of known) {
      if (left.has(key)) continue;
      // A clock that was set back must not keep it for ever.
      const goneAt = Math.min(since ?? now, now);
      const isFormer = keys.length > 0 && now - goneAt >= GRACE_MS;
      if (!isFormer || await this.#hasRunsAfterDeletion(key)) left.set(key, goneAt);
    }
    if (!isSame(known, left)) await this.#write(left);
    this.#known = left;
  }

  async #hasRunsAfterDeletion(key: string): Promise<boolean> {
    const { storage } = this.#options;
    await storage.applyRetention({
      workflowKey: key,
      completedBefore: Number.MAX_SAFE_INTEGER,
      maxCount: 0,
    });
    const { queued, running } = await storage.countRuns(key);
    return queued + running > 0;
  }

  async #read(): Promise<Known> {
    const { storage, path } = this.#options;
    const { keys, gone } = (await storage.getDocument(KIND, path))?.value ?? {};
    const times = isObject(gone) ? gone : {};
    return new Map(
      (Array.isArray(keys) ? keys.map(String) : []).map((key) => {
        const since = Object.hasOwn(times, key) ? times[key] : undefined;
        return [key, typeof since === "number" ? since : undefined];
      }),
    );
  }

  async #write(known: Known): Promise<void> {
    const { storage, clock, path } = this.#options;
    const gone = [...known].filter(([, since]) => since !== undefined);
    await storage.putDocument({
      kind: KIND,
      id: path,
      value: { keys: [...known.keys()].sort(), gone: Object.fromEntries(gone) as JsonObject },
      updatedAt: clock.now(),
    });
  }
}

function isSame(a: Known, b: Known): boolean {
  return a.size === b.size && [...a].every(([key, since]) => b.has(key) && b.get(key) === since);
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
