import type { JsonObject, JsonValue } from "../json/mod.ts";
import type { CronTriggerSpec } from "../spec/mod.ts";
import type { Workflow } from "../workflow/mod.ts";
import type { Trigger } from "./trigger.ts";
import { createWorkflowHost, type WorkflowHostOptions } from "./workflow_host.ts";

/** How a workflow is started by the clock besides the triggers of its file. */
export interface ScheduleTriggerOptions
  extends
    WorkflowHostOptions,
    Pick<CronTriggerSpec, "schedule" | "timezone" | "overlap" | "catchUp"> {
  /** Apart from those of the file: state and idempotency keys hang on it. */
  readonly name: string;
  /** Of each run. */
  readonly input: JsonValue;
}

const DAY_MS = 24 * 3_600_000;

/** Puts a cron trigger that is in no file to work. It is stopped before the workflow is closed. */
export async function openScheduleTrigger(
  workflow: Workflow,
  options: ScheduleTriggerOptions,
): Promise<Trigger> {
  const { name, input, schedule, timezone, overlap, catchUp } = options;
  const host = createWorkflowHost(workflow, options);
  // Computed, so that the runtime does not look through files that no trigger needs.
  const { openCronTrigger }: typeof import("./cron.ts") = await import(
    new URL("./cron.ts", import.meta.url).href
  );
  const spec: CronTriggerSpec = {
    type: "cron",
    name,
    schedule,
    timezone,
    overlap,
    catchUp,
    catchUpWindowMs: DAY_MS,
    jitterMs: 0,
  };
  return await openCronTrigger(spec, { ...host, start: (_, start) => host.start(input, start) }, {
    name,
  });
}

/** Lets a cron trigger of that name that is not at work begin from now: what it missed until then is not caught up. */
export async function forgetMissed(
  workflow: Workflow,
  name: string,
  options: WorkflowHostOptions,
): Promise<void> {
  const host = createWorkflowHost(workflow, options);
  await host.updateState(name, (old) => ({
    ...typeof old === "object" && old !== null ? old as JsonObject : {},
    scheduledAt: options.clock.now(),
  }));
}
