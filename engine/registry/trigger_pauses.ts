import type { Clock } from "../clock/mod.ts";
import type { Storage } from "../storage/mod.ts";

const KIND = "trigger";

/** Which triggers are paused: documents, so that they stay so over restarts and in every engine. */
export class TriggerPauses {
  readonly #storage: Storage;
  readonly #clock: Clock;
  #paused: ReadonlySet<string> = new Set();

  constructor({ storage, clock }: { readonly storage: Storage; readonly clock: Clock }) {
    this.#storage = storage;
    this.#clock = clock;
  }

  has(workflowKey: string, trigger: string): boolean {
    return this.#paused.has(idOf(workflowKey, trigger));
  }

  async set(workflowKey: string, trigger: string, isPaused: boolean): Promise<void> {
    const id = idOf(workflowKey, trigger);
    if (!isPaused) await this.#storage.removeDocument(KIND, id);
    else {
      const value = { workflowKey, trigger, paused: true };
      await this.#storage.putDocument({ kind: KIND, id, value, updatedAt: this.#clock.now() });
    }
    const paused = new Set(this.#paused);
    if (isPaused) paused.add(id);
    else paused.delete(id);
    this.#paused = paused;
  }

  /** Reads what other engines have written. */
  async refresh(): Promise<void> {
    const documents = await this.#storage.listDocuments(KIND);
    this.#paused = new Set(
      documents.filter(({ value }) => value["paused"] === true).map(({ id }) => id),
    );
  }
}

function idOf(workflowKey: string, trigger: string): string {
  return `${workflowKey}#${trigger}`;
}
