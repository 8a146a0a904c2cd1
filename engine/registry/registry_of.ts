import type { RunEvent } from "../executor/mod.ts";
import type { Trigger } from "../triggers/mod.ts";
import type { Workflow } from "../workflow/mod.ts";
import type { RegisteredWorkflow, Registry } from "./registry.ts";

/** What the one workflow of a registry has besides itself. */
export interface RegistryOfOptions {
  /** Triggers at work; none by default. */
  triggers?(): readonly Trigger[];
}

/** A registry of one workflow that somebody else opened, reloads when it changes, and closes. */
export interface SingleRegistry extends Registry {
  /** Tells listeners that the workflow was reloaded, or could not be. */
  changed(): void;
}

/** Makes a workflow that is open already a registry of one: disposing that leaves it open. */
export function registryOf(
  workflow: Workflow,
  { triggers = () => [] }: RegistryOfOptions = {},
): SingleRegistry {
  const entry: RegisteredWorkflow = {
    get name() {
      return workflow.current.spec.name;
    },
    origin: { kind: "folder", place: workflow.dir },
    workflow,
    triggers,
  };
  let changeListeners: readonly (() => void)[] = [];
  function changed(): void {
    for (const listener of changeListeners) listener();
  }
  return {
    storage: workflow.storage,
    list: () => [entry],
    get: (name) => name === entry.name ? entry : undefined,
    problems() {
      const { reloadError } = workflow.stats();
      return reloadError === undefined ? [] : [{ place: workflow.dir, message: reloadError }];
    },
    async findRun(runId) {
      const run = await workflow.run(runId);
      return run === undefined ? undefined : { entry, run };
    },
    async reload() {
      // A failure is among the problems.
      await workflow.reload().catch(() => {});
      changed();
    },
    subscribe: (listener) => workflow.subscribe((event: RunEvent) => listener(event, entry)),
    onChange(listener) {
      const entry = () => listener();
      changeListeners = [...changeListeners, entry];
      return () => {
        changeListeners = changeListeners.filter((other) => other !== entry);
      };
    },
    changed,
    get isDraining() {
      return workflow.draining;
    },
    drain: ({ graceMs, queued }) => workflow.drain(graceMs, { queued }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
