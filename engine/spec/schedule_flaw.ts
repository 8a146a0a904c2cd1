import { cronFlaw } from "./cron_expression.ts";
import type { ScheduleFlaw } from "./on_demand.ts";
import type { Flaw } from "./problem.ts";
import { timeZoneFlaw } from "./time_zone.ts";

/** What is wrong with a cron expression or its time zone; undefined when nothing is. */
export function scheduleFlaw(
  { schedule, timezone }: { readonly schedule: string; readonly timezone: string },
): ScheduleFlaw | undefined {
  const ofSchedule = cronFlaw(schedule);
  if (ofSchedule !== undefined) return { part: "schedule", ...shown(ofSchedule) };
  const ofZone = timeZoneFlaw(timezone);
  return ofZone === undefined ? undefined : { part: "timezone", ...shown(ofZone) };
}

function shown({ state, rule, fix }: Flaw): { state: string; fix: string } {
  const text = "write" in fix ? `Write ${fix.write}` : fix.say;
  return { state: `${rule}, and ${state}`, fix: text };
}
