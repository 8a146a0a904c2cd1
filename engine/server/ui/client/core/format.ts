/** How long something took, short: `850 ms`, `4.2 s`, `3 m 05 s`, `2 h 10 m`, `3 d 4 h`. */
export function formatDuration(ms: number): string {
  if (ms < 0) return "0 ms";
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${two(seconds % 60)} s`;
  const minutes = Math.round(ms / 60_000);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} m`;
  const hours = Math.round(ms / 3_600_000);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** The same while it goes on: whole seconds, so that it does not flicker. */
export function formatTicking(ms: number): string {
  return ms < 60_000 ? `${Math.max(0, Math.floor(ms / 1000))} s` : formatDuration(ms);
}

/** How long ago, or in how long: `just now`, `5 minutes ago`, `in 3 hours`. */
export function formatRelative(at: number, now: number): string {
  const seconds = Math.round((at - now) / 1000);
  const far = Math.abs(seconds);
  if (far < 5) return "just now";
  const [unit, size] = far < 60
    ? ["second", 1] as const
    : far < 3600
    ? ["minute", 60] as const
    : far < 86_400
    ? ["hour", 3600] as const
    : ["day", 86_400] as const;
  return relative.format(Math.round(seconds / size), unit);
}

/** A moment in the reader's own time zone, to the second. */
export function formatMoment(at: number): string {
  return moments.format(at);
}

/** The time of day of a log line, to the millisecond. */
export function formatClock(at: number): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":") +
    `.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

/** The end of an id: ids of one moment begin alike. */
export function shortId(id: string): string {
  return id.length <= 12 ? id : id.slice(-12);
}

/** `1 run`, `2 runs`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

const relative = new Intl.RelativeTimeFormat("en", { numeric: "always" });
const moments = new Intl.DateTimeFormat("en-GB", {
  year: "numeric",
  month: "short",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});
