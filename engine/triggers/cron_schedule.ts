import type { CronTriggerSpec } from "../spec/mod.ts";
import type { Cron } from "./croner.ts";
import { cronPattern } from "./cron_pattern.ts";
import { type Zone, zoneOf } from "./zone.ts";

/** The ticks of one schedule: whole seconds, in epoch milliseconds. */
export interface CronSchedule {
  /** The first tick after `atMs`; undefined when there is none any more. */
  next(atMs: number): number | undefined;
  /** The last tick at or before `atMs`. */
  previous(atMs: number): number | undefined;
}

/** The times on the wall that a pattern matches, as if the wall hung in UTC. */
interface WallTimes {
  after(wallMs: number): number | undefined;
  /** Strictly. */
  before(wallMs: number): number | undefined;
}

/** Two hours: no clock change is longer, but for those that skip a whole day. */
const LONGEST_CHANGE_MS = 26 * 3_600_000;

/**
 * Works out when a cron trigger fires. Clock changes: a schedule for certain hours goes by the clock on the
 * wall, so that each of its times comes once (in the hour that is left out in spring when that hour is over,
 * several together; in the hour that comes twice in autumn the first time). A schedule for every hour goes by
 * the time that passes, and knows neither.
 */
export async function openCronSchedule(
  { schedule, timezone }: Pick<CronTriggerSpec, "schedule" | "timezone">,
): Promise<CronSchedule> {
  const { pattern, isEveryHour } = cronPattern(schedule);
  const wall = await openWallTimes(pattern);
  if (timezone === "UTC") {
    return { next: (atMs) => wall.after(atMs), previous: (atMs) => wall.before(atMs + 1) };
  }
  const zone = zoneOf(timezone);
  return isEveryHour ? byTimePassed(wall, zone) : byTheWall(wall, zone);
}

/** The ticks of a trigger after `fromMs`, at most `count`. */
export async function nextTicks(
  spec: Pick<CronTriggerSpec, "schedule" | "timezone">,
  fromMs: number,
  count: number,
): Promise<readonly number[]> {
  const { next } = await openCronSchedule(spec);
  const ticks: number[] = [];
  for (let tick = next(fromMs); tick !== undefined && ticks.length < count; tick = next(tick)) {
    ticks.push(tick);
  }
  return ticks;
}

async function openWallTimes(pattern: string): Promise<WallTimes> {
  // Computed, so that a workflow without a schedule does not load it.
  const { Cron }: typeof import("./croner.ts") = await import(
    new URL("./croner.ts", import.meta.url).href
  );
  const read = () =>
    RECENT.get(pattern, () => new Cron(pattern, { timezone: "UTC", paused: true }));
  // What is wrong with it is said now.
  read();
  return {
    after: (wallMs) => read().nextRun(new Date(wallMs))?.getTime(),
    // The library counts in whole seconds, and from the one before.
    before: (wallMs) =>
      read().previousRuns(1, new Date(Math.ceil(wallMs / 1000) * 1000))[0]?.getTime(),
  };
}

/** Patterns that were asked last, as the library has read them: 83 KB each, for a question a minute. */
class RecentPatterns {
  readonly #read = new Map<string, Cron>();

  get(pattern: string, read: () => Cron): Cron {
    const cron = this.#read.get(pattern) ?? read();
    this.#read.delete(pattern);
    this.#read.set(pattern, cron);
    if (this.#read.size > MAX_PATTERNS) {
      for (const oldest of this.#read.keys()) {
        this.#read.delete(oldest);
        break;
      }
    }
    return cron;
  }
}

const MAX_PATTERNS = 8;
const RECENT = new RecentPatterns();

/** Each time on the wall once. */
function byTheWall(wall: WallTimes, zone: Zone): CronSchedule {
  return {
    next(atMs) {
      let time = wall.after(atMs + zone.offsetAt(atMs));
      for (;;) {
        if (time === undefined) return undefined;
        const tick = zone.firstInstant(time);
        // In the hour that comes twice the first one may be over.
        if (tick > atMs) return tick;
        time = wall.after(time);
      }
    },
    previous(atMs) {
      // In the hour that comes twice, times that are later on the wall are over already.
      const ahead = Math.max(zone.offsetAt(atMs), zone.offsetAt(atMs - LONGEST_CHANGE_MS));
      let time = wall.before(atMs + ahead + 1);
      for (;;) {
        if (time === undefined) return undefined;
        const tick = zone.firstInstant(time);
        if (tick <= atMs) return tick;
        time = wall.before(time);
      }
    },
  };
}

/** Each moment at which the wall shows a matching time. */
function byTimePassed(wall: WallTimes, zone: Zone): CronSchedule {
  return {
    next(atMs) {
      for (let from = atMs;;) {
        const { offsetMs, endMs } = zone.stretchAt(from === atMs ? atMs : from + 1);
        const time = wall.after(from + offsetMs);
        if (time === undefined) return undefined;
        if (time - offsetMs < endMs) return time - offsetMs;
        from = endMs - 1;
      }
    },
    previous(atMs) {
      for (let until = atMs + 1;;) {
        const { offsetMs, startMs } = zone.stretchAt(until - 1);
        const time = wall.before(until + offsetMs);
        if (time === undefined) return undefined;
        if (time - offsetMs >= startMs) return time - offsetMs;
        until = startMs;
      }
    },
  };
}
