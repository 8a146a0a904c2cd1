import type { JsonValue } from "../../json/mod.ts";
import type { TriggerState } from "../records.ts";

/** State of triggers by workflow and name. */
export class TriggerStates {
  readonly #states = new Map<string, TriggerState>();

  get(workflowKey: string, trigger: string): TriggerState | undefined {
    return this.#states.get(JSON.stringify([workflowKey, trigger]));
  }

  /** Writes when the revision is the expected one; answers whether it was. */
  set(
    workflowKey: string,
    trigger: string,
    { value, expected }: { readonly value: JsonValue; readonly expected: number },
  ): boolean {
    const revision = this.get(workflowKey, trigger)?.revision ?? 0;
    if (revision !== expected) return false;
    this.#states.set(JSON.stringify([workflowKey, trigger]), { value, revision: revision + 1 });
    return true;
  }
}
