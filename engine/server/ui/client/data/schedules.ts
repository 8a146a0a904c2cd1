/** A schedule: of a workflow's file, or one that was made on this server. */
export interface Schedule {
  readonly name: string;
  readonly workflow: string;
  readonly origin: "file" | "server";
  readonly schedule: string;
  readonly timezone: string;
  readonly overlap: "forbid" | "allow" | "replace";
  readonly isPaused: boolean;
  /** It starts runs now. */
  readonly isAtWork: boolean;
  /** The next times, in epoch milliseconds. */
  readonly next: readonly number[];
  readonly createdBy: string | null;
}

/** What the API answers. */
export interface ScheduleList {
  readonly schedules: readonly Schedule[];
}

/** When each workflow starts next by itself. */
export function nextByWorkflow(list: ScheduleList | undefined): ReadonlyMap<string, number> {
  const next = new Map<string, number>();
  for (const { workflow, next: [first] } of list?.schedules ?? []) {
    if (first !== undefined) next.set(workflow, Math.min(first, next.get(workflow) ?? Infinity));
  }
  return next;
}

/** The path that pauses a schedule or lets it go on, and what is sent there. */
export function pauseRequest(
  { name, workflow, origin }: Schedule,
  isPaused: boolean,
): { readonly path: string; readonly method: "POST" | "PATCH"; readonly body?: unknown } {
  if (origin === "server") {
    return { path: `/schedules/${encodeURIComponent(name)}`, method: "PATCH", body: { isPaused } };
  }
  const trigger = `/workflows/${encodeURIComponent(workflow)}/triggers/${encodeURIComponent(name)}`;
  return { path: `${trigger}/${isPaused ? "pause" : "resume"}`, method: "POST" };
}
