import { z } from "zod";
import type { RegisteredWorkflow } from "../../registry/mod.ts";
import type { Schedule } from "../../schedules/mod.ts";
import { cronTriggers, nextTicks } from "../../triggers/mod.ts";
import type { Shown } from "./api_route.ts";
import { json, moment } from "./schemas.ts";

/** Next times that are shown of each. */
const NEXT = 5;

/** A schedule of a workflow's file, or one that somebody made. */
export const scheduleView = z.object({
  name: z.string().meta({ description: "Unique among those that somebody made, or in its file" }),
  workflow: z.string(),
  origin: z.enum(["file", "server"]).meta({
    description: "`file`: a cron trigger of the workflow's file, which can be paused alone",
  }),
  schedule: z.string(),
  timezone: z.string(),
  overlap: z.enum(["forbid", "allow", "replace"]),
  catchUp: z.enum(["none", "last", "all"]),
  input: json.meta({ description: "Of each run; null for the file's, which say their name" }),
  isPaused: z.boolean(),
  isAtWork: z.boolean().meta({ description: "It starts runs now" }),
  next: z.array(moment).meta({ description: "The next five times; none while paused" }),
  createdBy: z.string().nullable(),
  revision: z.int().nullable().meta({
    description: "One more with each change; null for the file's",
  }),
}).meta({ id: "Schedule" });

/** A schedule that somebody made, as it is shown. */
export async function viewOfSchedule(
  schedule: Schedule,
  { isAtWork, now }: { readonly isAtWork: boolean; readonly now: number },
): Promise<Shown<typeof scheduleView>> {
  const { name, workflow, timezone, overlap, catchUp, input, isPaused, createdBy, revision } =
    schedule;
  return {
    name,
    workflow,
    origin: "server",
    schedule: schedule.schedule,
    timezone,
    overlap,
    catchUp,
    input,
    isPaused,
    isAtWork,
    next: isPaused ? [] : await nextTicks(schedule, now, NEXT),
    createdBy,
    revision,
  };
}

/** The schedules of a workflow's file, as they are shown. */
export async function viewsOfTriggers(
  entry: RegisteredWorkflow,
  now: number,
): Promise<readonly Shown<typeof scheduleView>[]> {
  const paused = entry.pausedTriggers?.() ?? [];
  const atWork = new Set(
    entry.triggers().filter(({ type }) => type === "cron").map(({ name }) => name),
  );
  const triggers = cronTriggers(entry.workflow.current.spec.triggers);
  return await Promise.all(triggers.map(async ({ spec, name }) => {
    const { schedule, timezone, overlap, catchUp } = spec;
    const isPaused = paused.includes(name);
    return {
      name,
      workflow: entry.name,
      origin: "file" as const,
      schedule,
      timezone,
      overlap,
      catchUp,
      input: null,
      isPaused,
      isAtWork: atWork.has(name),
      next: isPaused ? [] : await nextTicks(spec, now, NEXT),
      createdBy: null,
      revision: null,
    };
  }));
}
