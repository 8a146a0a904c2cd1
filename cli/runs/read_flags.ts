import type { RunStatus } from "../../engine/executor/mod.ts";
import { parseDuration } from "../../engine/spec/mod.ts";
import { didYouMean } from "../../engine/words/mod.ts";
import { hintAt, UsageError } from "../usage_error.ts";

/** Every state of a run. */
export const STATUSES: readonly RunStatus[] = [
  "queued",
  "running",
  "succeeded",
  "failed",
  "cancelled",
  "interrupted",
];

/**
 * `failed,cancelled`.
 *
 * @throws {UsageError}
 */
export function readStatuses(
  text: string,
  { flag, example }: { readonly flag: string; example(status: string): string } = {
    flag: "--status",
    example: (status) => `--status ${status}`,
  },
): readonly RunStatus[] {
  return text.split(",").map((part) => {
    const word = part.trim().toLowerCase();
    const status = STATUSES.find((known) => known === word);
    if (status !== undefined) return status;
    const near = didYouMean(word, STATUSES);
    throw new UsageError(
      `Cannot use ${flag} "${part}" as a run is one of ${STATUSES.join(", ")}${hintAt(near)}`,
      example(near ?? "failed"),
    );
  });
}

const DAY_MS = 24 * 3_600_000;

/**
 * Milliseconds of `30d`, `2w`, `1h30m`; undefined for anything else.
 */
export function readAge(text: string): number | undefined {
  const days = text.match(/^(\d+(?:\.\d+)?)([dw])$/);
  if (days === null) return parseDuration(text);
  return Number(days[1]) * DAY_MS * (days[2] === "w" ? 7 : 1);
}

/**
 * The moment of `--since` and `--until`: so long ago, a time such as `2026-01-31` or `2026-01-31T09:00`, local
 * unless it says otherwise, or epoch milliseconds, which is what `-o json` shows.
 *
 * @throws {UsageError}
 */
export function readMoment(text: string, flag: string, now: number): number {
  const age = readAge(text);
  if (age !== undefined) return now - age;
  if (/^\d{12,15}$/.test(text)) return Number(text);
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text);
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(isDay ? `${text}T00:00` : text) : NaN;
  if (!Number.isNaN(at)) return at;
  throw new UsageError(
    `Cannot use ${flag} "${text}" as it is a duration or a time`,
    `${flag} 2h, ${flag} 7d or ${flag} 2026-01-31T09:00`,
  );
}

/**
 * The length of time of a flag such as `--older-than`.
 *
 * @throws {UsageError}
 */
export function readAgeFlag(text: string, flag: string): number {
  const age = readAge(text);
  if (age !== undefined && age >= 0) return age;
  throw new UsageError(`Cannot use ${flag} "${text}" as it is a duration`, `${flag} 30d`);
}
