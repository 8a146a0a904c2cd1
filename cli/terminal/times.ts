/** How long ago a moment was: `12 s ago`, `3 m ago`, `5 h ago`, `2 d ago`; the day when it is long gone. */
export function formatAgo(at: number, now: number): string {
  const seconds = Math.max(0, Math.floor((now - at) / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} m ago`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ago`;
  const days = Math.floor(hours / 24);
  return days < 30 ? `${days} d ago` : formatMoment(at).slice(0, 10);
}

/** A moment in local time, or in the zone given: `2026-01-31 09:00:12`. */
export function formatMoment(at: number, timeZone?: string): string {
  return new Intl.DateTimeFormat("sv-SE", {
    dateStyle: "short",
    timeStyle: "medium",
    ...timeZone === undefined ? {} : { timeZone },
  }).format(at);
}
