const ALIASES: { readonly [alias: string]: string } = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

/** The largest value of each field, seconds first. */
const LARGEST = [59, 59, 23, 31, 12, 7] as const;

/** A schedule of workflow.yaml as the cron library reads it: six fields, without aliases and open steps. */
export function cronPattern(schedule: string): { pattern: string; isEveryHour: boolean } {
  const text = schedule.trim();
  const parts = (ALIASES[text] ?? text).split(/\s+/);
  const fields = parts.length === 5 ? ["0", ...parts] : parts;
  const closed = fields.map((field, index) =>
    // crontab(5) knows no step after a single value; everybody reads "5/15" as "from 5 to the end".
    field.replace(/(^|,)(\w+)\/(\d+)/g, (_, comma, from, step) =>
      `${comma}${from}-${LARGEST[index]}/${step}`)
  );
  return { pattern: closed.join(" "), isEveryHour: /^(\*|\*\/1|0-23)$/.test(fields[2] ?? "") };
}
