/**
 * A hundred years, where a `pipelines.yml` sets no limit: a task without `timeout`, runs that are kept for ever.
 * Infinity would be null in stored specs; any date so far from now is still a date.
 */
export const FOREVER_MS: number = 36_525 * 24 * 3_600_000;
