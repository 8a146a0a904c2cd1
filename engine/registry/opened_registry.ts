import type { RegisteredWorkflow, Registry } from "./registry.ts";
import type { FoundWorkflow } from "./registry_source.ts";

/** A registry that takes workflows from the program too. */
export interface OpenRegistry extends Registry {
  /**
   * Opens a workflow beside those of the sources, or loads it again when one of its id is there and its stamp
   * has changed.
   *
   * @throws {PdError} `ALREADY_EXISTS` when another one has its name, `DRAINING`, and what opening or loading it
   *   throws; one that was there goes on then
   */
  add(found: FoundWorkflow): Promise<RegisteredWorkflow>;
  /** Takes away what was added under a name; its runs come to their end. False when there is none. */
  remove(name: string): Promise<boolean>;
  /** Resolves when every workflow has taken up its runs of before, and keeps its schedules. Never rejects. */
  begun(): Promise<void>;
}
