import type { RunEvent } from "./api_types.ts";

/** A line of a log. */
export interface LogLine {
  readonly seq: number;
  readonly at: number;
  readonly node: string;
  readonly attempt: number;
  readonly level: "debug" | "info" | "warn" | "error";
  readonly text: string;
  /** What a program wrote to stderr. */
  readonly isStderr: boolean;
}

/** How many lines of one node are shown; the file has all. */
export const MAX_LINES = 5000;

/** The newest lines of a node or a run. Old ones are let go of in large steps. */
export class LogLines {
  #lines: LogLine[] = [];
  #dropped = 0;

  /** Those that are kept, oldest first. */
  get lines(): readonly LogLine[] {
    return this.#lines;
  }

  /** Lines that came before those. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Adds a line. */
  add(line: LogLine): void {
    this.#lines.push(line);
    if (this.#lines.length < MAX_LINES * 1.25) return;
    const excess = this.#lines.length - MAX_LINES;
    this.#lines = this.#lines.slice(excess);
    this.#dropped += excess;
  }
}

/** The line that an event is; undefined for one that is none. */
export function lineOf(event: RunEvent): LogLine | undefined {
  const { kind, seq, at, node, attempt, level, message, fields } = event;
  if (kind !== "log" || node === undefined) return undefined;
  const { stream, rest } = streamOf(fields);
  const text = message ?? "";
  return {
    seq,
    at,
    node,
    attempt: attempt ?? 1,
    level: level ?? "info",
    text: rest === undefined ? text : `${text}${text === "" ? "" : " "}${rest}`,
    isStderr: stream === "stderr",
  };
}

/** Which stream a program wrote to, and what else a line says. */
function streamOf(fields: unknown): { readonly stream?: unknown; readonly rest?: string } {
  if (typeof fields !== "object" || fields === null || Array.isArray(fields)) {
    return fields === undefined || fields === null ? {} : { rest: JSON.stringify(fields) };
  }
  const { stream, partial: _, ...others } = fields as { readonly [name: string]: unknown };
  const isStream = stream === "stdout" || stream === "stderr";
  const shown = isStream || stream === undefined ? others : { ...others, stream };
  const rest = Object.entries(shown).map(([name, value]) =>
    `${name}=${
      typeof value === "string" && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value)
    }`
  ).join(" ");
  return { ...isStream ? { stream } : {}, ...rest === "" ? {} : { rest } };
}
