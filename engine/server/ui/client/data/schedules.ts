/** A schedule: of a workflow's file, or one that was made here. */
export interface Schedule {
  readonly id: string;
  readonly workflow: string;
  readonly source: string;
  readonly name?: string | null;
  readonly cron: string;
  readonly timezone: string;
  readonly paused: boolean;
  readonly next: readonly number[];
}

/** What the API answers. */
export interface ScheduleList {
  readonly schedules: readonly Schedule[];
}

/** When each workflow starts next by itself. */
export function nextByWorkflow(list: ScheduleList | undefined): ReadonlyMap<string, number> {
  const next = new Map<string, number>();
  for (const { workflow, next: [first], paused } of list?.schedules ?? []) {
    if (first === undefined || paused) continue;
    next.set(workflow, Math.min(first, next.get(workflow) ?? Infinity));
  }
  return next;
}
