import { type Flaw, quoted } from "./problem.ts";

const ALIASES = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];
const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
/** 29 February exists, so it can be scheduled. */
const LONGEST_MONTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Names in place of numbers; the first one stands for `min`. */
  readonly words?: readonly string[];
}

const SECOND: Field = { name: "second", min: 0, max: 59 };
const FIELDS: readonly Field[] = [
  { name: "minute", min: 0, max: 59 },
  { name: "hour", min: 0, max: 23 },
  { name: "day of month", min: 1, max: 31 },
  { name: "month", min: 1, max: 12, words: MONTHS },
  { name: "day of week", min: 0, max: 7, words: WEEKDAYS },
];

/**
 * What is wrong with `text` as a cron expression, or `undefined`: five fields, six with seconds in front,
 * or an alias such as `@daily`; numbers, names, lists, ranges and steps as in crontab(5).
 */
export function cronFlaw(text: string): Flaw | undefined {
  const expression = text.trim();
  if (expression.startsWith("@")) return aliasFlaw(expression);
  if (/^(CRON_)?TZ=/.test(expression)) {
    return flaw("its time zone has a key of its own", `it begins with ${quoted(text)}`, {
      say: "Move the zone into the key timezone: beside schedule:",
    });
  }
  const parts = expression === "" ? [] : expression.split(/\s+/);
  if (parts.length !== 5 && parts.length !== 6) {
    return flaw(
      "it must have five fields (minute hour day month weekday), or six with seconds in front",
      `${quoted(text)} has ${parts.length}`,
      { write: '"0 9 * * *"' },
    );
  }
  const fields = parts.length === 6 ? [SECOND, ...FIELDS] : FIELDS;
  for (const [index, field] of fields.entries()) {
    const state = fieldProblem(parts[index] ?? "", field);
    if (state !== undefined) {
      const rule = `the ${field.name} must lie between ${field.min} and ${field.max}`;
      return flaw(rule, state, { say: hint(field) });
    }
  }
  const [day = "*", month = "*", weekday = "*"] = parts.slice(-3);
  return weekday === "*" ? impossibleDate(day, month) : undefined;
}

function flaw(rule: string, state: string, fix: Flaw["fix"]): Flaw {
  return { code: "SPEC_CRON", rule, state, fix };
}

function aliasFlaw(alias: string): Flaw | undefined {
  if (ALIASES.includes(alias)) return undefined;
  const every = /^@every\s+(\d+)m$/.exec(alias)?.[1];
  return flaw(
    `the aliases are ${ALIASES.join(", ")}`,
    `${quoted(alias)} is none of them`,
    { write: every === undefined ? '"@daily"' : `"*/${every} * * * *"` },
  );
}

function fieldProblem(text: string, field: Field): string | undefined {
  for (const part of text.split(",")) {
    const [range = "", step, ...more] = part.split("/");
    if (part === "" || more.length > 0) return `${quoted(text)} is not a list of values`;
    if (step !== undefined && (!/^\d{1,3}$/.test(step) || Number(step) < 1)) {
      return `the step in ${quoted(part)} is not a number above 0`;
    }
    if (step !== undefined && Number(step) > field.max) {
      return `the step in ${quoted(part)} is larger than ${field.max}`;
    }
    if (range === "*") continue;
    const [first = "", last, ...rest] = range.split("-");
    const from = numberOf(first, field);
    const to = last === undefined ? from : numberOf(last, field);
    if (from === undefined || to === undefined || rest.length > 0) {
      return `${quoted(range)} is not a value from ${field.min} to ${field.max}`;
    }
    if (from > to) return `the range ${quoted(range)} runs backwards`;
  }
  return undefined;
}

function numberOf(text: string, field: Field): number | undefined {
  const word = field.words?.indexOf(text.toUpperCase()) ?? -1;
  if (word >= 0) return word + field.min;
  if (!/^\d{1,2}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= field.min && value <= field.max ? value : undefined;
}

function hint(field: Field): string {
  const words = field.words === undefined ? "" : `, or a name such as ${field.words[1]}`;
  return `Write the ${field.name} as *, a number from ${field.min} to ${field.max}${words}, ` +
    `a range a-b, a list a,b or a step */n`;
}

/** 30 February: every field is right, and yet it never comes. */
function impossibleDate(day: string, month: string): Flaw | undefined {
  const days = /^\d+(,\d+)*$/.test(day) ? day.split(",").map(Number) : undefined;
  if (days === undefined || month.includes("*")) return undefined;
  const longest = Math.max(...monthsOf(month).map((index) => LONGEST_MONTHS[index - 1] ?? 31));
  if (Math.min(...days) <= longest) return undefined;
  return flaw("the date must exist", `day ${day} never comes in month ${month}`, {
    say: `Write a day of at most ${longest}, or another month`,
  });
}

function monthsOf(text: string): number[] {
  const field: Field = { name: "month", min: 1, max: 12, words: MONTHS };
  return text.split(",").flatMap((part) => {
    const [first = "", last = first] = (part.split("/")[0] ?? "").split("-");
    const from = numberOf(first, field) ?? 1;
    // A step after a single value runs to the end of the year.
    const to = part.includes("/") && !part.includes("-") ? 12 : numberOf(last, field) ?? 12;
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  });
}
