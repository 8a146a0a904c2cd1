import type { LogLevel } from "../executor/mod.ts";

/**
 * A line for people: `03:04:05.678 warn  [fetch] slow answer {"ms":1200}`; of many workflows `[digest/fetch]`. A line of
 * a run as a whole names the run where there are many.
 */
export function textLine(
  at: number,
  level: LogLevel,
  message: string,
  { workflow, node, runId, fields, fix }: { readonly [name: string]: unknown },
): string {
  const time = new Date(at).toISOString().slice(11, 23);
  const place = [workflow, node].filter((part) => typeof part === "string").join("/");
  const from = place === "" ? "" : ` [${oneLine(place)}]`;
  const isOfRun = typeof workflow === "string" && typeof runId === "string" && node === undefined;
  const which = isOfRun ? ` (run ${runId})` : "";
  const more = fields === undefined ? "" : ` ${JSON.stringify(fields)}`;
  const how = typeof fix === "string" ? `\n  Fix: ${fix}` : "";
  return `${time} ${level.padEnd(5)}${from} ${oneLine(message)}${which}${more}${how}\n`;
}

/** What a node logs cannot forge a line of its own, nor move the terminal's cursor. */
function oneLine(message: string): string {
  // deno-lint-ignore no-control-regex
  return message.replace(/\n/g, "\n  ").replace(/[\x00-\x08\x0b-\x1f\x7f\x9b]/g, "�");
}
