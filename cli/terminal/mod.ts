/** The terminal: streams, results and errors, colours, widths, the progress of a run, prompts. */
export { type Colors, loadColors, wantsColor } from "./colors.ts";
export { formatElapsed } from "./duration.ts";
export type { Io, Sink, Source } from "./io.ts";
export { Output, type OutputOptions, type ShownError } from "./output.ts";
export { displayWidth, padEnd, printable, truncate } from "./width.ts";
export { formatLogLine } from "./log_line.ts";
export { renderTable } from "./table.ts";
export { formatAgo, formatMoment } from "./times.ts";
export { openProgress } from "./open_progress.ts";
export type { Progress, ProgressNode, ProgressOptions } from "./progress.ts";
export { askChoice, askSecret, askText, askYesNo, type Choice } from "./prompts.ts";
