import type { LogLevel, RunEvent } from "../engine/executor/mod.ts";
import type { JsonObject } from "../engine/json/mod.ts";
import { type Diagnostic, formatDiagnostic } from "../engine/spec/mod.ts";
import { type ReloadOutcome, WorkflowInvalidError } from "../engine/workflow/mod.ts";
import { PdError } from "../engine/errors/mod.ts";
import { formatElapsed, formatLogLine, type Output, printable } from "./terminal/mod.ts";

/** What a trigger has to say. */
export interface TriggerLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: JsonObject | undefined;
}

/** Where a workflow is served. */
export interface ServedAt {
  readonly name: string;
  readonly url: string;
  readonly isWatching: boolean;
}

/** What `pd dev` tells on stderr while it serves, one way or the other. */
export interface ServeReport {
  welcome(served: ServedAt): void;
  diagnostic(diagnostic: Diagnostic): void;
  warning(message: string): void;
  trigger(line: TriggerLine): void;
  reload(outcome: ReloadOutcome): void;
  event(event: RunEvent): void;
  stopping(): void;
  /** Writes out what waits. */
  flush(): void;
}

/** Lines for a person. */
export function textReport(out: Output): ServeReport {
  return {
    welcome: (served) => out.note(welcome(served, out)),
    diagnostic: (diagnostic) => out.note(formatDiagnostic(diagnostic)),
    warning: (message) => out.warn(`warning ${message}`),
    trigger: (line) => showTriggerLine(line, out),
    reload: (outcome) => showReload(outcome, out),
    event: (event) => showEvent(event, out),
    stopping: () => out.note("stopping; Ctrl-C again ends it at once"),
    flush() {},
  };
}

function welcome({ name, url, isWatching }: ServedAt, out: Output): string {
  const { bold, dim, cyan } = out.errorColors;
  return [
    `${bold(name)} is at ${cyan(url)}${isWatching ? ", and reloads on change" : ""}`,
    `watch it in a browser: ${cyan(`${url}/ui/`)}`,
    "",
    `  curl -d '{}' ${url}/run`,
    "",
    dim(
      "  POST /run   GET /runs   GET /runs/{id}   GET /runs/{id}/events   POST /runs/{id}/cancel",
    ),
    dim("  GET /workflow   GET /health   GET /ready   GET /metrics"),
    "",
  ].join("\n");
}

/** A line for what a person wants to see of the runs. */
function showEvent(event: RunEvent, out: Output): void {
  const { dim, green, red, yellow } = out.errorColors;
  const id = dim(event.runId.slice(-8));
  switch (event.kind) {
    case "run.started":
      return out.note(`${id} run started`);
    case "run.resumed":
      return out.note(
        `${id} run taken up again: ${event.done} ${
          event.done === 1 ? "node was" : "nodes were"
        } done`,
      );
    case "log":
      if (event.level === "debug" && !out.verbose) return;
      return out.note(`${id} ${formatLogLine(event, out.errorColors)}`);
    case "node.retrying":
      return out.note(
        `${id} ${yellow("retry")} ${event.node} in ${formatElapsed(event.delayMs)}: ${
          printable(`${event.error.code} ${event.error.message}`)
        }`,
      );
    case "node.failed":
      return out.note(
        `${id} ${event.allowed ? yellow("failed") : red("failed")} ${event.node} ${
          printable(`${event.error.code} ${event.error.message}`)
        }${event.error.fix === undefined ? "" : `\n${id} fix: ${printable(event.error.fix)}`}`,
      );
    case "node.succeeded":
      if (!out.verbose) return;
      return out.note(`${id} ${green("ok")} ${event.node} ${formatElapsed(event.durationMs)}`);
    case "run.succeeded":
      return out.note(`${id} ${green("run succeeded")} in ${formatElapsed(event.durationMs)}`);
    case "run.failed":
      return out.note(`${id} ${red("run failed")} after ${formatElapsed(event.durationMs)}`);
    case "run.cancelled":
      return out.note(
        `${id} ${yellow("run cancelled")} after ${formatElapsed(event.durationMs)}: ${
          printable(event.error.message)
        }`,
      );
  }
}

/** What a trigger has to say, and how to get past it. */
function showTriggerLine(
  { level, message, fields }: TriggerLine,
  out: Output,
): void {
  if (level === "debug" && !out.verbose) return;
  const fix = fields?.["fix"];
  const text = `${printable(message)}${
    typeof fix === "string" ? `\n  Fix: ${printable(fix)}` : ""
  }`;
  if (level === "warn" || level === "error") out.warn(`${level} ${text}`);
  else out.note(text);
}

function showReload(outcome: ReloadOutcome, out: Output): void {
  const { green, red } = out.errorColors;
  const changed = outcome.changed.join(", ");
  if (outcome.status === "reloaded") {
    out.note(`${green("reloaded")} as version ${outcome.version}: ${changed} changed`);
    return;
  }
  out.warn(`${red("not reloaded")}, the old version goes on: ${changed} changed`);
  const { error } = outcome;
  if (error instanceof WorkflowInvalidError) {
    for (const diagnostic of error.diagnostics) out.warn(formatDiagnostic(diagnostic));
    return;
  }
  const code = error instanceof PdError ? error.code : "INTERNAL";
  const fix = error instanceof PdError ? error.fix : undefined;
  out.warn(`${code} ${printable(error.message)}${fix === undefined ? "" : `\n  Fix: ${fix}`}`);
}
