import type { Clock } from "../clock/mod.ts";
import { CodedError } from "../errors/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import type { Run, Workflow } from "../workflow/mod.ts";
import type { StartedRun, TriggerHost } from "./trigger.ts";

/** What the triggers of a workflow tell, and what they depend on besides it. */
export interface WorkflowHostOptions extends Pick<TriggerHost, "log"> {
  readonly clock: Clock;
  /** Even in [0, 1). */
  random(): number;
  /** Counts nothing when left out. */
  readonly count?: TriggerHost["count"];
}

/** Attempts to write a state that other engines write at the same time. */
const MAX_ATTEMPTS = 50;

/** What the triggers of a workflow work with, as its current version has it: after a reload there is another. */
export function createWorkflowHost(workflow: Workflow, options: WorkflowHostOptions): TriggerHost {
  const { spec } = workflow.current;
  const { storage, workflowKey } = workflow;
  return {
    workflow: spec.name,
    clock: options.clock,
    random: options.random,
    config: spec.config.values,
    secrets: workflow.secrets,
    redactor: workflow.redactor,
    async start(input, start) {
      const { run, isNew } = await workflow.accept(input, start);
      return startedRun(run, isNew);
    },
    running: (name) =>
      workflow.liveRuns.filter((run) => nameOf(run.summary.trigger) === name)
        .map((run) => startedRun(run, false)),
    getState: async (name) => (await storage.getTriggerState(workflowKey, name))?.value,
    async updateState(name, change) {
      for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
        const old = await storage.getTriggerState(workflowKey, name);
        const value = change(old?.value);
        const isWritten = await storage.setTriggerState(
          workflowKey,
          name,
          value,
          old?.revision ?? 0,
        );
        if (isWritten) return value;
      }
      throw new CodedError(
        "STORAGE_UNAVAILABLE",
        `Cannot write the state of trigger "${name}" as its own: other engines write it all the time`,
      );
    },
    log: (level, message, fields) => options.log(level, workflow.redactor.text(message), fields),
    count: (name, metric, value) => options.count?.(name, metric, value),
  };
}

function startedRun(run: Run, isNew: boolean): StartedRun {
  return {
    runId: run.id,
    isNew,
    // Read when it is asked for: following a run of another engine costs.
    get result() {
      return run.result;
    },
    cancel: () => run.cancel(),
  };
}

function nameOf(trigger: JsonValue): JsonValue | undefined {
  return typeof trigger === "object" && trigger !== null && !Array.isArray(trigger)
    ? (trigger as { readonly [key: string]: JsonValue })["name"]
    : undefined;
}
