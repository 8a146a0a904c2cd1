import type { Clock } from "../../clock/mod.ts";
import type { RunFilter, RunRecord, Storage } from "../../storage/mod.ts";

/** Deleted runs are not told: a list is not older than this. */
const MAX_AGE_MS = 1_000;
/** Callers that see other workflows have lists of their own. */
const MAX_LISTS = 20;

interface List {
  readonly at: number;
  readonly records: Promise<readonly RunRecord[]>;
}

/** Lists of runs, asked for once by all who look at the same moment, and again when anything has changed. */
export class RecentRecords {
  readonly #storage: Storage;
  readonly #clock: Clock;
  readonly #lists = new Map<string, List>();

  constructor(storage: Storage, clock: Clock) {
    this.#storage = storage;
    this.#clock = clock;
    storage.onChange(() => this.changed());
  }

  list(filter: RunFilter): Promise<readonly RunRecord[]> {
    const key = JSON.stringify(filter);
    const at = this.#clock.now();
    const known = this.#lists.get(key);
    if (known !== undefined && at - known.at < MAX_AGE_MS) return known.records;
    const records = this.#storage.listRuns(filter);
    if (this.#lists.size >= MAX_LISTS) this.changed();
    this.#lists.set(key, { at, records });
    records.catch(() => this.changed());
    return records;
  }

  /** There may be others now. */
  changed(): void {
    this.#lists.clear();
  }
}
