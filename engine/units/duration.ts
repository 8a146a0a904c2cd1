const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ["ns", 1e-6],
  ["us", 1e-3],
  ["µs", 1e-3],
  ["μs", 1e-3],
  ["ms", 1],
  ["s", 1_000],
  ["m", 60_000],
  ["h", 3_600_000],
]);

const PART = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y;

/** Longer texts are no duration that anybody wrote by hand. */
const MAX_LENGTH = 64;

/**
 * Milliseconds of a Go-style duration (`500ms`, `1.5s`, `1h30m`), or `undefined` when `text` is not one.
 * Exact to the nanosecond; a bare `0` needs no unit; there is no unit above the hour and no sign.
 */
export function parseDuration(text: string): number | undefined {
  if (text === "0") return 0;
  if (text === "" || text.length > MAX_LENGTH) return undefined;
  let ms = 0;
  PART.lastIndex = 0;
  for (let end = 0; end < text.length; end = PART.lastIndex) {
    const match = PART.exec(text);
    if (match === null) return undefined;
    ms += Number(match[1]) * (UNIT_MS.get(match[2] ?? "") ?? Number.NaN);
  }
  if (!Number.isFinite(ms)) return undefined;
  return ms < 1e9 ? Math.round(ms * 1e6) / 1e6 : ms;
}

/** The shortest Go-style text of `ms`: `500ms`, `1.5s`, `1h30m`; `0s` for nothing. */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return String(ms);
  if (ms < 0) return `-${formatDuration(-ms)}`;
  if (ms === 0) return "0s";
  if (ms < 1e-3) return `${trimmed(ms * 1e6, 3)}ns`;
  if (ms < 1) return `${trimmed(ms * 1e3, 3)}µs`;
  if (ms < 1_000) return `${trimmed(ms, 6)}ms`;
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor((ms % 3_600_000) / 60_000);
  const seconds = trimmed((ms % 60_000) / 1_000, 9);
  return `${hours > 0 ? `${hours}h` : ""}${minutes > 0 ? `${minutes}m` : ""}` +
    `${seconds === "0" ? "" : `${seconds}s`}`;
}

function trimmed(value: number, digits: number): string {
  const fixed = value.toFixed(digits);
  return fixed.includes(".") ? fixed.replace(/\.?0+$/, "") : fixed;
}
