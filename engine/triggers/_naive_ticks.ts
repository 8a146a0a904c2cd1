import type { CronTriggerSpec } from "../spec/mod.ts";

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/**
 * Ticks in `(from, until]` of a schedule of five fields, by looking at the wall each minute: a time that the
 * wall skips counts when it does, one that it shows again does not, unless every hour is meant.
 */
export function naiveTicks(
  { schedule, timezone }: Pick<CronTriggerSpec, "schedule" | "timezone">,
  from: number,
  until: number,
): number[] {
  const isEveryHour = /^(\*|0-23)$/.test(schedule.split(" ")[1] ?? "");
  const ticks: number[] = [];
  let shownUpTo = -Infinity;
  for (let at = from - DAY; at <= until; at += MINUTE) {
    const wall = at + offsetAt(at, timezone);
    if (isEveryHour) {
      if (matches(schedule, wall) && at > from) ticks.push(at);
      continue;
    }
    const first = shownUpTo === -Infinity ? wall : shownUpTo + MINUTE;
    let isTick = false;
    for (let time = first; time <= wall; time += MINUTE) isTick ||= matches(schedule, time);
    if (isTick && at > from) ticks.push(at);
    shownUpTo = Math.max(shownUpTo, wall);
  }
  return ticks;
}

const offsets = new Map<string, number>();

/** Clocks are changed on the quarter of an hour at the most often. */
function offsetAt(at: number, timezone: string): number {
  const quarter = Math.floor(at / (15 * MINUTE));
  const key = `${timezone} ${quarter}`;
  let offset = offsets.get(key);
  if (offset === undefined) {
    const instant = Temporal.Instant.fromEpochMilliseconds(quarter * 15 * MINUTE);
    offset = instant.toZonedDateTimeISO(timezone).offsetNanoseconds / 1e6;
    offsets.set(key, offset);
  }
  return offset;
}

function matches(schedule: string, wall: number): boolean {
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = schedule.split(" ");
  const date = new Date(wall);
  if (!holds(minute, date.getUTCMinutes(), [0, 59]) || !holds(hour, date.getUTCHours(), [0, 23])) {
    return false;
  }
  if (!holds(month, date.getUTCMonth() + 1, [1, 12], MONTHS)) return false;
  const isDay = holds(day, date.getUTCDate(), [1, 31]);
  const isWeekday = holds(weekday, date.getUTCDay(), [0, 7], WEEKDAYS) ||
    date.getUTCDay() === 0 && holds(weekday, 7, [0, 7], WEEKDAYS);
  return day === "*" || weekday === "*" ? isDay && isWeekday : isDay || isWeekday;
}

function holds(
  field: string,
  value: number,
  [smallest, largest]: readonly [number, number],
  words: readonly string[] = [],
): boolean {
  const numberOf = (text: string) =>
    words.includes(text) ? words.indexOf(text) + smallest : Number(text);
  return field.split(",").some((part) => {
    const [range = "", step] = part.split("/");
    const [a = "", b] = range === "*" ? [String(smallest), String(largest)] : range.split("-");
    const from = numberOf(a);
    const to = b !== undefined ? numberOf(b) : step === undefined ? from : largest;
    return value >= from && value <= to && (value - from) % Number(step ?? 1) === 0;
  });
}
