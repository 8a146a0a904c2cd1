import type { LogLevel, RunEvent } from "../executor/mod.ts";

/** Writes lines for an operator: what nodes log, and runs that did not succeed. */
export interface EventLog {
  /** Writes what an event is worth; most are worth nothing. */
  event(event: RunEvent): void;
  /** A line of the engine itself. */
  line(level: LogLevel, message: string, fields?: { readonly [name: string]: unknown }): void;
  /** Writes out what waits. */
  flush(): void;
}

/** How an event log writes. */
export interface EventLogOptions {
  /** `json` is an object a line, for collectors; `text` is for people. */
  readonly format: "json" | "text";
  now(): number;
  write(text: string): void;
}

const FLUSH_MS = 20;
const FLUSH_CHARS = 64 * 1024;

/** Lines are gathered for some milliseconds, so that a chatty node costs one write and not thousands. */
export function createEventLog({ format, now, write }: EventLogOptions): EventLog {
  let waiting = "";
  let timer: ReturnType<typeof setTimeout> | undefined;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    const text = waiting;
    waiting = "";
    if (text !== "") write(text);
  }

  function put(
    at: number,
    level: LogLevel,
    message: string,
    fields: { readonly [name: string]: unknown },
  ): void {
    waiting += format === "json"
      ? `${JSON.stringify({ time: new Date(at).toISOString(), level, message, ...fields })}\n`
      : `${textLine(at, level, message, fields)}\n`;
    if (waiting.length > FLUSH_CHARS) flush();
    else timer ??= setTimeout(flush, FLUSH_MS);
  }

  return {
    event(event) {
      if (event.kind === "log") {
        const { node, runId, attempt, fields } = event;
        put(event.at, event.level, event.message, {
          node,
          runId,
          attempt,
          ...fields === undefined ? {} : { fields },
        });
      } else if (event.kind === "run.failed" || event.kind === "run.cancelled") {
        const { code, message, fix } = event.error;
        const level = event.kind === "run.failed" ? "error" : "warn";
        put(event.at, level, `run ${event.kind.slice("run.".length)}: ${code}: ${message}`, {
          runId: event.runId,
          durationMs: event.durationMs,
          code,
          ...fix === undefined ? {} : { fix },
        });
      }
    },
    line: (level, message, fields = {}) => put(now(), level, message, fields),
    flush,
  };
}

function textLine(
  at: number,
  level: LogLevel,
  message: string,
  { node, fields, fix }: { readonly [name: string]: unknown },
): string {
  const time = new Date(at).toISOString().slice(11, 23);
  const from = typeof node === "string" ? ` [${node}]` : "";
  const more = fields === undefined ? "" : ` ${JSON.stringify(fields)}`;
  const how = typeof fix === "string" ? `\n  Fix: ${fix}` : "";
  return `${time} ${level.padEnd(5)}${from} ${oneLine(message)}${more}${how}`;
}

/** What a node logs cannot forge a line of its own, nor move the terminal's cursor. */
function oneLine(message: string): string {
  // deno-lint-ignore no-control-regex
  return message.replace(/\n/g, "\n  ").replace(/[\x00-\x08\x0b-\x1f\x7f\x9b]/g, "�");
}
