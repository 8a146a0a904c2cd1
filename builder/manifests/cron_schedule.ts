import { CodedError } from "../../engine/errors/mod.ts";
import type { CronTriggerSpec } from "../../engine/spec/mod.ts";

const DAYS = 7;

/**
 * A trigger's schedule as a CronJob takes it: five fields or an alias, and Sunday as 0.
 *
 * @throws {CodedError} `MANIFEST_INVALID` for one with seconds, which no CronJob keeps
 */
export function cronSchedule({ schedule, name }: CronTriggerSpec): string {
  const fields = schedule.trim().split(/\s+/);
  if (fields.length === 1) return fields.join("");
  if (fields.length !== 5) {
    throw new CodedError(
      "MANIFEST_INVALID",
      `Cannot deploy the trigger "${
        name ?? schedule
      }" as a CronJob knows no seconds: its schedule "${schedule}" has them`,
      { fix: "workflow.yaml: config: { cron: engine }" },
    );
  }
  const weekday = fields[4] ?? "*";
  return [...fields.slice(0, 4), weekday.includes("7") ? withoutSeven(weekday) : weekday].join(" ");
}

/** The zone in the spelling of its database, which the cluster insists on. */
export function timeZone({ timezone }: CronTriggerSpec): string {
  return new Temporal.ZonedDateTime(0n, timezone).timeZoneId;
}

/** Weekdays as a list of numbers from 0: a CronJob refuses 7, which is Sunday elsewhere. */
function withoutSeven(field: string): string {
  const days = new Set<number>();
  for (const part of field.split(",")) {
    const [range = "", step = "1"] = part.split("/");
    const [first, last = first] = range === "*" ? ["0", "6"] : range.split("-");
    if (Number.isNaN(Number(first)) || Number.isNaN(Number(last))) return namedDays(field);
    for (let day = Number(first); day <= Number(last); day += Number(step)) days.add(day % DAYS);
  }
  return [...days].sort().join(",");
}

/** A list that mixes names and a 7, such as `MON,7`. */
function namedDays(field: string): string {
  return field.split(",").map((part) => part === "7" ? "0" : part.replace(/-7$/, "-6,0")).join(",");
}
