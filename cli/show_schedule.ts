import { CodedError } from "../engine/errors/mod.ts";
import { parseWorkflow, type WorkflowSpec } from "../engine/spec/mod.ts";
import { cronTriggers, nextTicks } from "../engine/triggers/mod.ts";
import { WorkflowInvalidError } from "../engine/workflow/mod.ts";
import type { Cli } from "./cli.ts";
import { findTarget, shownPath } from "./targets/mod.ts";
import { UsageError } from "./usage_error.ts";

/** What `pd schedule` was asked. */
export interface ScheduleRequest {
  readonly target: string;
  /** As it was typed. */
  readonly count: string;
  /** As it was typed; now when undefined. */
  readonly from: string | undefined;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Of this machine. */
  readonly timeZone: string;
}

/** One line of the table. */
interface Tick {
  readonly trigger: string;
  readonly schedule: string;
  readonly timezone: string;
  readonly at: Temporal.Instant;
}

const MAX_COUNT = 1_000;
const MAX_FILE_BYTES = 64 * 1024 * 1024;
const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** Prints the next ticks of the cron triggers of a workflow. */
export async function showSchedule(
  cli: Pick<Cli, "io" | "out">,
  request: ScheduleRequest,
): Promise<void> {
  const { io, out } = cli;
  const count = readCount(request);
  const from = readTime(request);
  const target = await findTarget(request.target, io.cwd);
  const spec = await readSpec(target.file, shownPath(target.file, io.cwd));
  const ticks = await ticksOf(spec, from, count);
  const { timeZone } = request;
  const json = {
    workflow: spec.name,
    from: from.toString(),
    timezone: timeZone,
    ticks: ticks.map(({ trigger, schedule, timezone, at }) => ({
      trigger,
      schedule,
      timezone,
      scheduledAt: at.toString(),
      local: at.toString({ timeZone }),
      inZone: at.toString({ timeZone: timezone }),
    })),
  };
  if (ticks.length === 0) {
    out.result(`${spec.name} has no cron trigger that will fire`, json);
    return;
  }
  const { bold } = out.colors;
  const rows = ticks.map((tick) => [
    wall(tick.at, timeZone),
    wall(tick.at, "UTC"),
    tick.trigger,
    `${wall(tick.at, tick.timezone)} ${tick.timezone}`,
    tick.schedule,
  ]);
  const [head = "", ...lines] = columns([
    [`local (${timeZone})`, "UTC", "trigger", "in its zone", "schedule"],
    ...rows,
  ]);
  out.result([bold(head), ...lines].join("\n"), json);
  if (spec.config.cron === "cronjob") {
    out.note(out.errorColors.dim("pd dev and pd serve keep these times; in a cluster CronJobs do"));
  }
}

/** The first `count` ticks of all triggers together, in their order. */
async function ticksOf(
  spec: WorkflowSpec,
  from: Temporal.Instant,
  count: number,
): Promise<readonly Tick[]> {
  const all: Tick[] = [];
  for (const { spec: trigger, name } of cronTriggers(spec.triggers)) {
    const { schedule, timezone } = trigger;
    for (const at of await nextTicks(trigger, from.epochMilliseconds, count)) {
      const instant = Temporal.Instant.fromEpochMilliseconds(at);
      all.push({ trigger: name, schedule, timezone, at: instant });
    }
  }
  return all.sort((a, b) => Temporal.Instant.compare(a.at, b.at)).slice(0, count);
}

async function readSpec(path: string, file: string): Promise<WorkflowSpec> {
  const { size } = await Deno.stat(path);
  if (size > MAX_FILE_BYTES) {
    throw new CodedError(
      "WORKFLOW_TOO_LARGE",
      `Cannot read "${file}" as a workflow: it has ${size} bytes, and ${MAX_FILE_BYTES} are the limit`,
      { fix: `move data out of ${file} into files that nodes read` },
    );
  }
  const { spec, diagnostics } = await parseWorkflow(await Deno.readTextFile(path), { file });
  if (spec === undefined) throw new WorkflowInvalidError(file, diagnostics);
  return spec;
}

function readCount({ count, target }: ScheduleRequest): number {
  const number = /^\d{1,4}$/.test(count) ? Number(count) : 0;
  if (number >= 1 && number <= MAX_COUNT) return number;
  throw new UsageError(
    `Cannot show "${count}" ticks as --count is a whole number from 1 to ${MAX_COUNT}`,
    `pd schedule ${target} --count 10`,
  );
}

/** A moment, or a date or time on the wall of this machine. */
function readTime({ from, now, target, timeZone }: ScheduleRequest): Temporal.Instant {
  if (from === undefined) return Temporal.Instant.fromEpochMilliseconds(now);
  try {
    return Temporal.Instant.from(from);
  } catch {
    // It has no offset.
  }
  try {
    return Temporal.PlainDateTime.from(from).toZonedDateTime(timeZone).toInstant();
  } catch {
    throw new UsageError(
      `Cannot begin at "${from}" as --from is a time in ISO 8601`,
      `pd schedule ${target} --from ${
        Temporal.Instant.fromEpochMilliseconds(now).toString({ smallestUnit: "minute" })
      }`,
    );
  }
}

/** `Sun 2026-03-29 03:00`, with seconds where there are some. */
function wall(at: Temporal.Instant, timeZone: string): string {
  const zoned = at.toZonedDateTimeISO(timeZone);
  const time = zoned.toPlainTime().toString({
    smallestUnit: zoned.second === 0 ? "minute" : "second",
  });
  return `${WEEKDAYS[zoned.dayOfWeek - 1]} ${zoned.toPlainDate()} ${time}`;
}

/** Pads all but the last column. */
function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths =
    rows[0]?.map((_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    row.map((text, index) => index === row.length - 1 ? text : text.padEnd(widths[index] ?? 0))
      .join("  ")
  );
}
