import type { CronTriggerSpec } from "../spec/mod.ts";
import type { CronSchedule } from "./cron_schedule.ts";

/** Ticks that are looked at when many are due: more are given up uncounted. */
const MAX_DUE = 1_000;

/** What has come due since the last look. */
export interface DueTicks {
  /** To be started now, oldest first. */
  readonly ticks: readonly number[];
  /** How many are given up, 1 000 at most. */
  readonly missed: number;
}

/** How far back to look, and what to do about what is late. */
export interface DueOptions {
  /** Everything up to then is settled. */
  readonly from: number;
  readonly now: number;
  readonly catchUp: CronTriggerSpec["catchUp"];
  readonly windowMs: number;
  /** The newest tick is in time when it is not older than this. */
  readonly lateMs: number;
}

/**
 * Which of the ticks in `(from, now]` are started: the newest when it is in time, whatever `catchUp` says;
 * else the newest within the window (`last`), or every one within it (`all`).
 */
export function dueTicks(
  schedule: CronSchedule,
  { from, now, catchUp, windowMs, lateMs }: DueOptions,
): DueTicks {
  const all: number[] = [];
  let tick = schedule.previous(now);
  while (tick !== undefined && tick > from && all.length < MAX_DUE) {
    all.push(tick);
    tick = schedule.previous(tick - 1);
  }
  const oldest = now - (catchUp === "none" ? lateMs : Math.max(windowMs, lateMs));
  const ticks = all.filter((at, index) => at >= oldest && (index === 0 || catchUp === "all"));
  return { ticks: ticks.reverse(), missed: all.length - ticks.length };
}
