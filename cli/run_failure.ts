import type { ErrorRecord, RunEvent } from "../engine/executor/mod.ts";
import { formatLogLine, type Output, printable } from "./terminal/mod.ts";

type LogEvent = Extract<RunEvent, { kind: "log" }>;
type FailedEvent = Extract<RunEvent, { kind: "node.failed" }>;

/** As many log lines of a failed node are repeated beside its error. */
const LAST_LINES = 10;

/** Gathers from the events of a run why it failed, to print it at the end. */
export class RunFailure {
  readonly #logs = new Map<string, LogEvent[]>();
  readonly #failed: FailedEvent[] = [];
  #end: { readonly kind: "run.failed" | "run.cancelled"; readonly error: ErrorRecord } | undefined;

  /** Nodes whose failure ended the run, in the order of their end. */
  get failedNodes(): readonly string[] {
    return this.#failed.map(({ node }) => node);
  }

  /** What the program ended with that made the run fail, when it was one. */
  get exitCode(): number | undefined {
    return this.#failed.find(({ error }) => error.exitCode !== undefined)?.error.exitCode;
  }

  /** Why the run failed, to be printed. */
  get errors(): readonly ErrorRecord[] {
    const failed = this.#failed.map(({ error }) => shown(error));
    if (failed.length > 0 && this.#end?.kind !== "run.cancelled") return failed;
    return this.#end === undefined ? [] : [shown(this.#end.error)];
  }

  event(event: RunEvent): void {
    if (event.kind === "log") {
      const lines = this.#logs.get(event.node) ?? [];
      lines.push(event);
      if (lines.length > LAST_LINES) lines.shift();
      this.#logs.set(event.node, lines);
    } else if (event.kind === "node.failed" && !event.allowed) {
      this.#failed.push(event);
    } else if (event.kind === "run.failed" || event.kind === "run.cancelled") {
      this.#end = event;
    }
  }

  /** Prints each failed node with its error, fix and last log lines; else why the run ended. */
  print(out: Output): void {
    if (this.#failed.length === 0 || this.#end?.kind === "run.cancelled") {
      if (this.#end !== undefined) out.error(shown(this.#end.error));
    }
    for (const { node, attempt, error } of this.#failed) {
      const { dim } = out.errorColors;
      const tries = attempt > 1 ? ` after ${attempt} attempts` : "";
      out.error({
        ...shown(error),
        message: `in node "${node}"${tries}: ${printable(error.message)}`,
      });
      const at = error.stack?.split("\n").find((line) => /\S:\d+/.test(line))?.trim();
      if (at !== undefined && !out.verbose) out.warn(dim(printable(at)));
      const lines = this.#logs.get(node) ?? [];
      if (lines.length === 0) continue;
      out.warn(`last log lines of ${node}:`);
      for (const line of lines) out.warn(`  ${formatLogLine(line, out.errorColors)}`);
    }
  }
}

function shown({ code, message, fix, stack, exitCode }: ErrorRecord): ErrorRecord {
  return {
    code,
    ...(exitCode === undefined ? {} : { exitCode }),
    message: printable(message),
    ...(fix === undefined ? {} : { fix: printable(fix) }),
    ...(stack === undefined ? {} : { stack: printable(stack) }),
  };
}
