import type { RunEventBody } from "../executor/mod.ts";
import { measureJson } from "../json/mod.ts";

/** Log lines that one run keeps; the rest is counted. */
export const MAX_LOG_LINES = 10_000;
/** Bytes of log lines that one run keeps, roughly. */
export const MAX_LOG_BYTES = 16 * 1024 * 1024;
/** The same for the output of scripts, whose number of lines has no limit. */
export const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

const LINE_BYTES = 160;

type LogBody = RunEventBody & { readonly kind: "log" };

/** Keeps the log of one run bounded, and counts what is left out. */
export class LogBudget {
  #lines = 0;
  #bytes = 0;
  #outputBytes = 0;
  readonly #wholeOutput: ReadonlySet<string>;
  readonly #dropped = new Map<string, number>();

  /** @param wholeOutput Nodes whose lines have a room of their own. */
  constructor(wholeOutput: ReadonlySet<string> = new Set()) {
    this.#wholeOutput = wholeOutput;
  }

  /** Whether a line is kept. Lines of before a run was taken up again count as well. */
  take(line: LogBody): boolean {
    const bytes = LINE_BYTES + line.message.length * 2 +
      (line.fields === undefined ? 0 : measureJson(line.fields).bytes);
    if (this.#wholeOutput.has(line.node)) {
      if (this.#outputBytes + bytes <= MAX_OUTPUT_BYTES) {
        this.#outputBytes += bytes;
        return true;
      }
      return this.#drop(line);
    }
    if (this.#lines >= MAX_LOG_LINES || this.#bytes + bytes > MAX_LOG_BYTES) {
      return this.#drop(line);
    }
    this.#lines++;
    this.#bytes += bytes;
    return true;
  }

  #drop({ node }: LogBody): false {
    this.#dropped.set(node, (this.#dropped.get(node) ?? 0) + 1);
    return false;
  }

  /** Says how many lines were left out since the last call, node by node. */
  report(): readonly LogBody[] {
    const lines = [...this.#dropped].map(([node, count]): LogBody => ({
      kind: "log",
      node,
      attempt: 1,
      level: "warn",
      message: `${count} further log ${count === 1 ? "line was" : "lines were"} not kept`,
    }));
    this.#dropped.clear();
    return lines;
  }
}
