import type { LogLevel, RunEvent } from "../executor/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import { LineBudget, type LineRate } from "./line_budget.ts";
import { textLine } from "./text_line.ts";

/** Writes lines for an operator: what nodes log, what is tried again, and runs that did not succeed. */
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
  /** Lines of nodes that are written; the rest is counted, and stays in the storage. */
  readonly rate?: LineRate;
  now(): number;
  write(text: string): void;
  /** Name of the workflow, once it is known. */
  workflow?(): string | undefined;
  /** Whether lines for people name the workflow: where there are many. */
  readonly namesWorkflow?: boolean;
  /** The trace of a run, while it is traced. */
  traceIdOf?(runId: string): string | undefined;
  /** Takes secrets out of the engine's own lines. Events have passed redaction before. */
  redact?(value: JsonValue): JsonValue;
}

/** What a log takes of nodes, unless told otherwise. */
export const DEFAULT_LINE_RATE: LineRate = { perSecond: 1_000, burst: 5_000 };

const FLUSH_MS = 20;
const FLUSH_CHARS = 64 * 1024;

type Fields = { readonly [name: string]: unknown };

/** Lines are gathered for some milliseconds, so that a chatty node costs one write and not thousands. */
export function createEventLog(options: EventLogOptions): EventLog {
  const { format, now, write } = options;
  const budget = new LineBudget(options.rate ?? DEFAULT_LINE_RATE);
  let waiting = "";
  let timer: ReturnType<typeof setTimeout> | undefined;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    const dropped = budget.takeDropped();
    if (dropped > 0) waiting += droppedLine(dropped);
    const text = waiting;
    waiting = "";
    if (text !== "") write(text);
  }

  /** The line that says how many are missing; it is the log's own, so it costs no room. */
  function droppedLine(count: number): string {
    const message = `${count} further log ${count === 1 ? "line was" : "lines were"} not written`;
    return render(now(), "warn", message, { dropped: count });
  }

  function render(at: number, level: LogLevel, message: string, fields: Fields): string {
    const workflow = options.workflow?.();
    if (format === "text") {
      const names = options.namesWorkflow === true && workflow !== undefined ? { workflow } : {};
      return textLine(at, level, message, { ...names, ...fields });
    }
    return `${
      JSON.stringify({
        time: new Date(at).toISOString(),
        level,
        message,
        ...workflow === undefined ? {} : { workflow },
        ...fields,
      })
    }\n`;
  }

  function put(at: number, level: LogLevel, message: string, fields: Fields): void {
    waiting += render(at, level, message, fields);
    if (waiting.length > FLUSH_CHARS) flush();
    else schedule();
  }

  function schedule(): void {
    timer ??= setTimeout(flush, FLUSH_MS);
  }

  function placeOf(event: RunEvent): Fields {
    const { runId } = event;
    const traceId = options.traceIdOf?.(runId);
    return {
      runId,
      ...traceId === undefined ? {} : { trace_id: traceId },
      ...!("node" in event) ? {} : { node: event.node },
      ...!("attempt" in event) ? {} : { attempt: event.attempt },
    };
  }

  return {
    event(event) {
      const worth = worthOf(event);
      if (worth === undefined) return;
      if (!budget.take(event.at)) return schedule();
      put(event.at, worth.level, worth.message, { ...placeOf(event), ...worth.fields });
    },
    line(level, message, fields = {}) {
      const { redact } = options;
      if (redact === undefined) return put(now(), level, message, fields);
      const shown = redact([message, JSON.parse(JSON.stringify(fields))]) as [string, Fields];
      put(now(), level, ...shown);
    },
    flush,
  };
}

/** What an event is worth to an operator. */
interface Worth {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Fields;
}

function worthOf(event: RunEvent): Worth | undefined {
  switch (event.kind) {
    case "log": {
      const { level, message, fields } = event;
      return { level, message, fields: fields === undefined ? {} : { fields } };
    }
    case "node.retrying": {
      const { delayMs, error: { code, message } } = event;
      const text = `attempt ${event.attempt} failed, the next one follows: ${code}: ${message}`;
      return { level: "warn", message: text, fields: { code, delayMs } };
    }
    case "node.lost": {
      const { error: { code, message } } = event;
      const text = `attempt ${event.attempt} was lost: ${code}: ${message}`;
      return { level: "warn", message: text, fields: { code } };
    }
    case "run.resumed": {
      const { done, unfinished } = event;
      return { level: "info", message: "run taken up again", fields: { done, unfinished } };
    }
    case "run.failed":
    case "run.cancelled": {
      const { durationMs, error: { code, message, fix } } = event;
      const isFailed = event.kind === "run.failed";
      return {
        level: isFailed ? "error" : "warn",
        message: `run ${isFailed ? "failed" : "cancelled"}: ${code}: ${message}`,
        fields: { durationMs, code, ...fix === undefined ? {} : { fix } },
      };
    }
    default:
      return undefined;
  }
}
