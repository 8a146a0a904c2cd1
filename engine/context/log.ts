import type { LogLine } from "../executor/mod.ts";
import type { JsonObject, JsonValue } from "../json/mod.ts";
import type { Log } from "./context.ts";

/** The `ctx.log` of one attempt. Methods may be taken off it: `const { info } = ctx.log`. */
export function createLog(onLog: (line: LogLine) => void): Log {
  return Object.freeze({
    debug: (message: string, fields?: JsonObject) => onLog(toLogLine("debug", message, fields)),
    info: (message: string, fields?: JsonObject) => onLog(toLogLine("info", message, fields)),
    warn: (message: string, fields?: JsonObject) => onLog(toLogLine("warn", message, fields)),
    error: (message: string, fields?: JsonObject) => onLog(toLogLine("error", message, fields)),
  });
}

/**
 * One log line from whatever a node passed. Fields become JSON of their own, so that later changes to
 * them do not show; an error becomes its name, message and stack. Never throws.
 */
export function toLogLine(level: LogLine["level"], message: unknown, fields?: unknown): LogLine {
  const text = typeof message === "string" ? message : toText(message);
  return fields === undefined
    ? { level, message: text }
    : { level, message: text, fields: toJson(fields) };
}

function toText(value: unknown): string {
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (typeof value !== "object" || value === null) return String(value);
  const json = toJson(value);
  return typeof json === "string" ? json : JSON.stringify(json);
}

/** A JSON copy of anything: what JSON cannot carry turns into text, and a cycle into `[circular]`. */
function toJson(value: unknown): JsonValue {
  return plainCopy(value) ?? carefulCopy(value);
}

/** The common case, plain data, by the quick way; `undefined` for anything else. */
function plainCopy(value: unknown): JsonValue | undefined {
  try {
    if (holdsError(value)) return undefined;
    const text = JSON.stringify(value);
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    // A cycle, a BigInt, a getter or a toJSON that throws.
    return undefined;
  }
}

/** `JSON.stringify` makes `{}` of an error. */
function holdsError(value: unknown): boolean {
  if (value instanceof Error) return true;
  return typeof value === "object" && value !== null &&
    Object.values(value).some((child) => child instanceof Error);
}

function carefulCopy(value: unknown): JsonValue {
  try {
    return copy(value, []);
  } catch (error) {
    return `[unreadable: ${error instanceof Error ? error.message : "it throws when read"}]`;
  }
}

const MAX_DEPTH = 50;

function copy(value: unknown, parents: readonly object[]): JsonValue {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "object":
      if (value === null) return null;
      break;
    default:
      return String(value);
  }
  if (parents.includes(value)) return "[circular]";
  if (parents.length >= MAX_DEPTH) return "[too deep]";
  const inside = [...parents, value];
  if (value instanceof Error) {
    const { name, message, stack, cause } = value;
    return {
      name,
      message,
      ...(stack === undefined ? {} : { stack }),
      ...(cause === undefined ? {} : { cause: copy(cause, inside) }),
    };
  }
  if (value instanceof Date) return String(value.toJSON());
  if (Array.isArray(value)) return value.map((item) => copy(item, inside));
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [key, copy(child, inside)]),
  );
}
