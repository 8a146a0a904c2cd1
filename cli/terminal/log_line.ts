import type { RunEvent } from "../../engine/executor/mod.ts";
import type { Colors } from "./colors.ts";
import { printable } from "./width.ts";

type LogEvent = Extract<RunEvent, { kind: "log" }>;

/** A node's log line as it is printed: `[node] message key=value`. */
export function formatLogLine(event: LogEvent, colors: Colors): string {
  const { yellow, red, dim, cyan } = colors;
  const prefix = cyan(`[${event.node}]`);
  const message = printable(event.message).replaceAll("\n", `\n${prefix} `);
  const level = event.level === "warn"
    ? `${yellow("warn")} `
    : event.level === "error"
    ? `${red("error")} `
    : event.level === "debug"
    ? `${dim("debug")} `
    : "";
  const fields = formatFields(event.fields);
  return `${prefix} ${level}${message}${fields === "" ? "" : ` ${dim(fields)}`}`;
}

function formatFields(fields: LogEvent["fields"]): string {
  if (fields === undefined || fields === null) return "";
  if (typeof fields !== "object" || Array.isArray(fields)) return printable(JSON.stringify(fields));
  return Object.entries(fields)
    .map(([key, value]) => printable(`${key}=${shown(value)}`))
    .join(" ");
}

function shown(value: unknown): string {
  return typeof value === "string" && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}
