import type { JsonObject } from "../json/mod.ts";
import type { StoredDocument } from "../storage/mod.ts";
import type { Schedule, ScheduleSpec } from "./schedule.ts";

/** Under which kind schedules are kept. */
export const SCHEDULE = "schedule";

/** A schedule as it is kept. */
export function toDocument(spec: ScheduleSpec): JsonObject {
  const { workflow, schedule, timezone, overlap, catchUp, input, isPaused, createdBy } = spec;
  return { workflow, schedule, timezone, overlap, catchUp, input, isPaused, createdBy };
}

/** A schedule that was kept. */
export function fromDocument({ id, revision, value, updatedAt }: StoredDocument): Schedule {
  const spec = value as unknown as ScheduleSpec;
  return { ...spec, name: id, revision, updatedAt };
}
