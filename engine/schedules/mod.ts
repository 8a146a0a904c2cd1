/** Schedules that are kept beside those of workflows' files: made, changed and paused while a server runs. */
export { openSchedules, type OpenSchedulesOptions } from "./open_schedules.ts";
export type { Schedule, ScheduleChange, Schedules, ScheduleSpec } from "./schedule.ts";
