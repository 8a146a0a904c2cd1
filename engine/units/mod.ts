/** Durations and sizes as people write them. Apart from the format of workflows, so that node hosts need not load that. */
export { formatBytes, parseBytes } from "./bytes.ts";
export { formatDuration, parseDuration } from "./duration.ts";
