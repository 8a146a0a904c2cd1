import type { RunEvent } from "./events.ts";

/** Which part of the output of a node. */
export interface OutputTextOptions {
  readonly node: string;
  readonly stream: "stdout" | "stderr";
  /** All of it when left out. */
  readonly lastBytes?: number;
}

/**
 * What the last attempt at a node wrote to one of its streams, put together from its log lines: each has a newline
 * behind it unless it is `partial`.
 */
export function outputText(events: Iterable<RunEvent>, options: OutputTextOptions): string {
  let parts: string[] = [];
  let attempt = 0;
  for (const event of events) {
    if (event.kind !== "log" || event.node !== options.node) continue;
    const { stream, partial } = fieldsOf(event.fields);
    if (stream !== options.stream || event.attempt < attempt) continue;
    if (event.attempt > attempt) parts = [];
    attempt = event.attempt;
    parts.push(partial === true ? event.message : `${event.message}\n`);
  }
  const text = parts.join("");
  return options.lastBytes === undefined ? text : endOf(text, options.lastBytes);
}

function fieldsOf(fields: unknown): { readonly stream?: unknown; readonly partial?: unknown } {
  return typeof fields === "object" && fields !== null ? fields : {};
}

/** The last so many bytes, from the beginning of a character on. */
function endOf(text: string, maxBytes: number): string {
  const bytes = new TextEncoder().encode(text.slice(-maxBytes));
  if (bytes.length <= maxBytes) return text.slice(-maxBytes);
  let from = bytes.length - maxBytes;
  while (from < bytes.length && ((bytes[from] as number) & 0xc0) === 0x80) from++;
  return new TextDecoder().decode(bytes.subarray(from));
}
